/**
 * `npm run build:deb [-- EXECUTABLE]`: a Debian package of a single executable (build:binary), with its manual page, completions, service
 * and licences. Needs dpkg-deb.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OUT = join(ROOT, 'dist/release')
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
/** Where each shell looks for the completions of a package. */
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/bench',
  zsh: 'usr/share/zsh/vendor-completions/_bench',
  fish: 'usr/share/fish/vendor_completions.d/bench.fish',
} as const
/** What the server of the service needs of Node's permission model; its agents do not inherit it. */
const PERMISSIONS = `"--node-options=${[
  '--permission --allow-net --allow-child-process --allow-worker --allow-addons',
  '--allow-fs-read=* --allow-fs-write=%C/bench',
  '--disable-warning=SecurityWarning --disable-warning=ExperimentalWarning',
].join(' ')}"`

/** What dpkg runs, for a service that somebody has enabled. */
const SCRIPTS = {
  postinst:
    '[ ! -d /run/systemd/system ] || { systemctl daemon-reload && systemctl try-restart bench; } || :',
  prerm:
    '[ "$1" != remove ] || ! command -v systemctl >/dev/null || systemctl --quiet disable --now bench || :',
  postrm: '[ ! -d /run/systemd/system ] || systemctl daemon-reload || :',
} as const

const executable = process.argv[2] ?? join(OUT, `bench-linux-${process.arch}`)
const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const architecture = ARCHITECTURES[/(?:^|\/)bench-linux-(\w+)$/.exec(executable)?.[1] ?? '']
if (architecture === undefined) {
  process.stderr.write(`build:deb: ${executable}: name an executable of Linux, such as bench-linux-x64\n`)
  process.exit(2)
}
const folder = join(OUT, `deb-${architecture}`)
rmSync(folder, { recursive: true, force: true })

put('usr/share/man/man1/bench.1.gz', gzipSync(readFileSync(join(ROOT, 'dist/bench.1')), { level: 9 }))
for (const [shell, path] of Object.entries(COMPLETIONS))
  put(path, execFileSync(process.execPath, [join(ROOT, 'dist/bench/cli.js'), 'completion', shell]))
put('usr/share/doc/tcp-udp-bench/copyright', readFileSync(`${executable}.LICENSES.txt`))
put(
  'usr/share/doc/tcp-udp-bench/changelog.gz',
  gzipSync(readFileSync(join(ROOT, 'CHANGELOG.md')), { level: 9 }),
)
const unit = readFileSync(join(ROOT, 'deploy/bench.service'), 'utf8')
put(
  'usr/lib/systemd/system/bench.service',
  unit.replace('/usr/bin/env bench', `/usr/bin/bench ${PERMISSIONS}`),
)
for (const [name, command] of Object.entries(SCRIPTS)) put(`DEBIAN/${name}`, `#!/bin/sh\n${command}\n`, 0o755)
put('usr/bin/bench', '', 0o755)
copyFileSync(executable, join(folder, 'usr/bin/bench'))
put(
  'DEBIAN/control',
  [
    'Package: tcp-udp-bench',
    `Version: ${about.version}`,
    `Architecture: ${architecture}`,
    'Maintainer: The tcp-udp-bench authors <tcp-udp-bench@localhost>',
    'Section: net',
    'Priority: optional',
    // Of Node.
    'Depends: libatomic1, libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 7)',
    `Installed-Size: ${Math.ceil(statSync(executable).size / 1024)}`,
    'Description: TCP and UDP, measured with a file of yours',
    ` ${about.description}`,
    '',
  ].join('\n'),
)
const name = join(OUT, `tcp-udp-bench_${about.version}_${architecture}.deb`)
execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z3', '--build', folder, name], {
  stdio: 'ignore',
})
process.stdout.write(`${name}\n`)

function put(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o755 })
  writeFileSync(join(folder, path), content, { mode })
}
