/** The Debian package, installed and used in a root of its own that has nothing else. Needs root and debootstrap. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DebianRoot, withoutRoot } from '../support/debian-root.ts'
import { measured } from '../support/ran.ts'

const RELEASE = fileURLToPath(new URL('../../release/', import.meta.url))
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
const COMPLETE = `
. /usr/share/bash-completion/completions/bench
COMP_WORDS=(bench run --tra) COMP_CWORD=2
_bench_yargs_completions
echo \${COMPREPLY[*]}
`
const FISH =
  /^complete -c bench -a '\(bench --get-yargs-completions \(commandline -opc\) \(commandline -ct\)\)'$/m
const DOCUMENTS = 'usr/share/doc/tcp-udp-bench'

test('what is not an executable of Linux becomes no Debian package', () => {
  const program = fileURLToPath(new URL('../../deploy/release/deb.js', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [program, 'bench-darwin-x64'], { encoding: 'utf8' })
  const line = 'build:deb: bench-darwin-x64: name an executable of Linux, such as bench-linux-x64\n'
  assert.deepEqual([status, stderr], [2, line])
})

test('the Debian package installs in a bare Debian 13, works there, and is removed without a trace', {
  skip: withoutRoot,
}, () => {
  using debian = new DebianRoot(['libatomic1', 'systemd'])
  const read = (path: string) => readFileSync(join(debian.path, path), 'utf8')
  const bench = (...words: readonly string[]) => debian.run('cd /root && exec "$@"', 'bench', ...words)
  const [file = ''] = readdirSync(RELEASE).filter(name => name.endsWith('.deb'))
  cpSync(join(RELEASE, file), join(debian.path, 'root/bench.deb'))
  debian.run('dpkg -i /root/bench.deb')
  assert.match(bench('--version'), /^\d+\.\d+\.\d+\n$/)
  const [rows, page] = measured(bench, join(debian.path, 'root'))
  assert.equal(rows.length, 6)
  assert.match(page, /udp-marker/)
  assert.equal(debian.run(COMPLETE), '--transport --trace\n')
  assert.match(debian.run('zcat /usr/share/man/man1/bench.1.gz'), /^\.TH BENCH 1/)
  assert.match(read(`${DOCUMENTS}/copyright`), /--- zod/)
  assert.match(read('usr/share/fish/vendor_completions.d/bench.fish'), FISH)
  assert.match(debian.run(SERVICE), /^1\n.*\n(?:\d to note, )?\d good\n$/s)
  const enabled = '/etc/systemd/system/multi-user.target.wants/bench.service'
  debian.run(`systemctl --quiet enable bench && test -L ${enabled}`)
  debian.run('dpkg --purge tcp-udp-bench')
  // Fails unless all are gone.
  debian.run(`test ! -e /usr/bin/bench && test ! -e /${DOCUMENTS} && test ! -L ${enabled}`)
})
