/**
 * What a shell of the other host runs to start a server there, or to end it. Whatever varies is quoted, and all of it comes on standard
 * input, which no list of processes shows.
 */
import { quote } from 'shlex'
import { LEAST_NODE } from '../facts/environment.ts'

/** The server's place in the home folder, which several hosts may share; its port is its own, so a second deployment finds the first. */
const FOLDER = (port: number) => `.bench-serve-$(uname -n)-${port}`

/** Runs the script in the first bytes of its standard input, which leaves the others to the script: any login shell understands it. */
export const runScript = (bytes: number) => `sh -c 'eval "$(dd bs=1 count=${bytes} 2>/dev/null)"'`

export interface Deployment {
  readonly port: number
  /** The program of Node.js there. */
  readonly node: string
  /** Texts of files that flags of `bench serve` name, by flag: only the user there may read them. */
  readonly files: Readonly<Record<string, string>>
  /** More words of `bench serve`. */
  readonly words: readonly string[]
  /** How the line begins in which it says that it is ready. */
  readonly ready: string
}

/** Needs the program on standard input, as `archive.ts` packs it. */
export function startScript({ port, node, files, words, ready }: Deployment): string {
  const [major, minor] = LEAST_NODE
  const least = `${major}.${minor}`
  const written = Object.entries(files).map(
    ([flag, text]) => `printf '%s\\n' ${quote(text)} >"$d/${flag}" || fail "cannot write $d/${flag}"`,
  )
  const named = Object.keys(files).map(flag => `--${flag} "$d/${flag}"`)
  return `${common(port)}
n=$(command -v ${quote(node)}) || fail "no program "${quote(node)}" on the PATH of ssh there; install Node.js ${least} or later, or give its path with --node"
v=$("$n" -p process.versions.node 2>/dev/null) || fail "$n does not run as Node.js; give the path of Node.js ${least} or later with --node"
major=\${v%%.*} minor=\${v#*.} minor=\${minor%%.*}
[ "$major" -gt ${major} ] || { [ "$major" -eq ${major} ] && [ "$minor" -ge ${minor} ]; } || fail "$n is Node.js $v, which is too old; install ${least} or later, or give its path with --node"
stop
rm -rf "$d/program"
mkdir -p "$d/program" || fail "cannot make $d there"
if ! e=$(LC_ALL=C tar -xzf - -C "$d/program" 2>&1); then
  rm -rf "$d/program"
  case $e in *'No space left'*) e='no space left there' ;; esac
  fail "cannot unpack the program in $d: $(printf '%s\\n' "$e" | head -n 1)"
fi
${written.join('\n')}
[ ! -f "$d/log" ] || mv "$d/log" "$d/log.old"
cd "$d/program"
trap '' HUP
XDG_CACHE_HOME=$d "$n" "$d/${PROGRAM}" serve ${[...named, ...words.map(quote)].join(' ')} </dev/null >"$d/out" 2>"$d/log" &
p=$!
echo $p >"$d/pid"
i=0
until l=$(grep '^'${quote(ready)} "$d/out"); do
  kill -0 $p 2>/dev/null || fail "bench serve ended there: $(tail -n 1 "$d/log")"
  i=$((i + 1))
  [ $i -lt 240 ] || { stop; fail "bench serve is not ready after 60 s; see $d/log there"; }
  nap
done
echo "\${l%%;*}, process $p, Node.js $v, log in $d/log"
`
}

/** Ends the server, and takes away what `startScript` left. */
export function stopScript(port: number): string {
  return `${common(port)}
[ -d "$d" ] || { echo "nothing is deployed there"; exit 0; }
stop
rm -rf "$d" || fail "cannot remove all of $d there"
echo "ended, and $d removed"
`
}

const PROGRAM = 'program/dist/bench/cli.js'

/**
 * `stop` ends the process of the last deployment: by its id, and only while its command line is that of a program in this folder, since
 * ids are used again. It has 15 s, then it is killed.
 */
function common(port: number): string {
  return `umask 077
fail() { printf '%s\\n' "$1" >&2; exit 1; }
nap() { sleep 0.25 2>/dev/null || sleep 1; }
[ -d "$HOME" ] || fail "the user has no home folder there"
d=$HOME/${FOLDER(port)}
ours() {
  case $({ tr '\\0' ' ' <"/proc/$1/cmdline" || ps -o args= -p "$1"; } 2>/dev/null) in
    *" $d/${PROGRAM} serve "*) return 0 ;;
  esac
  return 1
}
stop() {
  o=$(cat "$d/pid" 2>/dev/null)
  case $o in '' | *[!0-9]*) return ;; esac
  i=0
  while ours "$o"; do
    case $i in
      0) kill "$o" ;;
      60) kill -9 "$o" ;;
      120) fail "process $o does not end there" ;;
    esac
    i=$((i + 1))
    nap
  done
}`
}
