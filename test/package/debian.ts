/** The Debian package, installed and used in a root of its own that has nothing else. Needs root and debootstrap. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { without } from '../support/programs.ts'
import { measured, ran } from '../support/ran.ts'

const RELEASE = fileURLToPath(new URL('../../release/', import.meta.url))
const cannot = process.getuid?.() === 0 ? without('debootstrap') : 'a root of its own needs root'
/** Starts what the unit starts, as systemd would, and asks it. */
const SERVICE = `
cd /root
export CREDENTIALS_DIRECTORY=/root XDG_CACHE_HOME=/var/cache/bench
install -d -m 700 $XDG_CACHE_HOME
(umask 077; od -An -tx1 -N32 /dev/urandom | tr -d ' \\n' >token)
line=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/bench.service)
eval "\${line//%C//var/cache} >server.log 2>&1 &"
for turn in $(seq 60); do
  grep -q listening server.log && break
  sleep 0.5
done
grep -zc -- '--permission' /proc/$!/cmdline
bench doctor 127.0.0.1 --quick --token-file token 2>&1 || cat server.log
kill $!
`
const DOCUMENTS = 'usr/share/doc/tcp-udp-bench'

test('the Debian package installs in a bare Debian 13, works there, and is removed without a trace', {
  skip: cannot,
}, () => {
  const root = mkdtempSync(join(tmpdir(), 'bench-debian-'))
  try {
    ran('debootstrap', ['--variant=minbase', '--include=libatomic1', 'trixie', root])
    const [file = ''] = readdirSync(RELEASE).filter(name => name.endsWith('.deb'))
    cpSync(join(RELEASE, file), join(root, 'root/bench.deb'))
    const bench = (...words: readonly string[]) => within(root, 'cd /root && exec "$@"', 'bench', ...words)
    within(root, 'dpkg -i /root/bench.deb')
    assert.match(bench('--version'), /^\d+\.\d+\.\d+\n$/)
    const [rows, page] = measured(bench, join(root, 'root'))
    assert.equal(rows.length, 6)
    assert.match(page, /udp-marker/)
    const complete =
      '. /usr/share/bash-completion/completions/bench; COMP_WORDS=(bench run --tra) COMP_CWORD=2'
    assert.equal(
      within(root, `${complete}; _bench_yargs_completions; echo \${COMPREPLY[*]}`),
      '--transport --trace\n',
    )
    assert.match(within(root, 'zcat /usr/share/man/man1/bench.1.gz'), /^\.TH BENCH 1/)
    assert.match(readFileSync(join(root, DOCUMENTS, 'copyright'), 'utf8'), /--- zod/)
    const fish = readFileSync(join(root, 'usr/share/fish/vendor_completions.d/bench.fish'), 'utf8')
    assert.match(
      fish,
      /^complete -c bench -a '\(bench --get-yargs-completions \(commandline -opc\) \(commandline -ct\)\)'$/m,
    )
    assert.match(within(root, SERVICE), /^1\n[^]*\n(?:\d to note, )?\d good\n$/)
    within(root, 'dpkg --purge tcp-udp-bench')
    assert.equal(within(root, `ls -d /usr/bin/bench /${DOCUMENTS} 2>/dev/null || true`), '')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

/** Runs a script of bash in a root, with its words, in namespaces of mounts and of the network that end with it. */
function within(root: string, script: string, ...words: readonly string[]): string {
  const mounts =
    'ip link set lo up && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
  const clean = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8']
  return ran('unshare', [
    '--mount',
    '--net',
    '--',
    'sh',
    '-c',
    mounts,
    root,
    ...clean,
    'bash',
    '-c',
    script,
    'bash',
    ...words,
  ])
}
