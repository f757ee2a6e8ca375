import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BUILT_IN } from '../../transports/catalog.ts'
import { SHARDED } from '../shards/shard.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Top-level folder -> the places that it may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  transports: ['base'],
  scenarios: ['base', 'transports', 'results/schema'],
  results: ['base'],
  bench: ['base', 'transports', 'scenarios', 'results'],
}
const ROOMS = Object.keys(MAY_IMPORT)

const imports = new Map<string, readonly string[]>(
  ROOMS.flatMap(room =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map(file => join(room, file)),
  )
    .filter(file => file.endsWith('.ts'))
    .map(file => [file, importsOf(file)]),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\n)(?:import|export)\b[^'"\n]*?(?:from\s+)?['"](\.[^'"]+)['"]|\n\} from ['"](\.[^'"]+)['"]|\bimport\(['"](\.[^'"]+)['"]\)/g,
    ),
  ].map(match => normalize(join(dirname(file), match[1] ?? match[2] ?? match[3] ?? '')))
}

test('the reader of imports sees one-line, multi-line, type and late imports', () => {
  assert.ok(imports.get('bench/cli/dispatch.ts')?.includes('bench/cli/commands/run.ts'))
  assert.ok(imports.get('bench/measure/run.ts')?.includes('bench/measure/measuring.ts'))
  assert.ok(imports.get('transports/datagram/sender.ts')?.includes('transports/contract/transport.ts'))
  assert.ok([...imports.values()].flat().length > 100)
})

test('every imported file exists', () => {
  for (const [file, targets] of imports)
    for (const target of targets) assert.ok(imports.has(target), `${file} imports ${target}`)
})

test('a room imports from the rooms below it only', () => {
  for (const [file, targets] of imports) {
    const [room = ''] = file.split('/')
    const places = [room, ...(MAY_IMPORT[room] ?? [])]
    for (const target of targets)
      assert.ok(
        places.some(place => target.startsWith(`${place}/`)),
        `${file} imports ${target}`,
      )
  }
})

test('there is no circle, of files or of the folders that hold them', () => {
  for (const folder of foldersOf(imports.keys())) {
    const arrows = arrowsWithin(folder)
    const done = new Set<string>()
    const visit = (entry: string, path: readonly string[]): void => {
      const circle = [...path.slice(path.indexOf(entry)), entry]
      assert.ok(!path.includes(entry), `import circle in ${folder || 'the project'}: ${circle.join(' -> ')}`)
      if (done.has(entry)) return
      for (const target of arrows.get(entry) ?? []) visit(target, [...path, entry])
      done.add(entry)
    }
    for (const entry of arrows.keys()) visit(entry, [])
  }
})

/** Every folder that holds one of the files, at any depth; '' is the project. */
function foldersOf(files: Iterable<string>): ReadonlySet<string> {
  const folders = new Set([''])
  for (const file of files)
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder)
  return folders
}

/** Imports between the entries of a folder: its files, and its folders with all that is in them. */
function arrowsWithin(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const prefix = folder === '' ? '' : `${folder}/`
  const entryOf = (file: string) =>
    file.startsWith(prefix) ? file.slice(prefix.length).split('/')[0] : undefined
  const arrows = new Map<string, Set<string>>()
  for (const [file, targets] of imports) {
    const from = entryOf(file)
    if (from === undefined) continue
    const others = targets
      .map(entryOf)
      .filter(to => to !== undefined)
      .filter(to => to !== from)
    arrows.set(from, new Set([...(arrows.get(from) ?? []), ...others]))
  }
  return arrows
}

test('bench/ has no files at its root but its library entry and its program', () => {
  const atRoot = [...imports.keys()].filter(file => dirname(file) === 'bench')
  assert.deepEqual(atRoot.sort(), ['bench/cli.ts', 'bench/index.ts'])
})

test('yargs stands behind one file', () => {
  for (const file of imports.keys())
    if (file !== 'bench/cli/command-line.ts')
      assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), /from 'yargs|import\('yargs/, file)
})

test('the module of a command is loaded when the words name it', () => {
  const commands = [...imports.keys()].filter(file => file.startsWith('bench/cli/commands/'))
  assert.ok(commands.length >= 12)
  const atOnce = /^import (?!type\b)[^']*'[^']*\/commands\//m
  for (const file of imports.keys())
    if (!commands.includes(file)) assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), atOnce, file)
})

test('only cli.ts touches the arguments, the exit and standard output of the process', () => {
  const touching = /process\.(argv|exit\b|exitCode|stdout)/
  for (const file of imports.keys()) {
    if (file === 'bench/cli.ts' || file === 'bench/agent/main.ts') continue
    assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), touching, file)
  }
})

test('base, scenarios, results and bench know no protocol and no engine by its name: they ask for its traits', () => {
  // `node` is the program, too, and `--tls` a flag of the control channel.
  const names = [...BUILT_IN.transports.keys(), ...BUILT_IN.engines.names].filter(
    name => name !== 'node' && name !== 'tls',
  )
  const literal = new RegExp(`['"\`](?:${names.join('|')})['"\`]`)
  for (const file of imports.keys()) {
    if (file.startsWith('transports/')) continue
    const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    assert.doesNotMatch(code, literal, file)
  }
})

test('npm test runs every file of tests, but for those that need wine', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const all = `${scripts.test} ${scripts['test:quick']}`
  const alone = [...all.matchAll(/dist\/(test\/\w+)\/\*\.test\.js/g)].map(([, folder = '']) => folder)
  const sharded = Object.entries(SHARDED).flatMap(([name, { folders, shards }]) => {
    assert.ok(all.includes(`dist/test/shards/${name}-*.test.js`), name)
    for (let shard = 0; shard < shards; shard++)
      assert.ok(
        readFileSync(join(ROOT, `test/shards/${name}-${shard + 1}.test.ts`), 'utf8').includes(
          `runShard('${name}', ${shard})`,
        ),
        name,
      )
    return folders.map(folder => `test/${folder}`)
  })
  assert.ok(scripts['test:windows'].includes('dist/test/windows/main.js'))
  const folders = ['test/shards', 'test/windows', ...alone, ...sharded]
  for (const file of readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts')) continue
    const path = join('test', dirname(file))
    const found = folders.some(folder => path === folder || path.startsWith(`${folder}/`))
    assert.ok(found, `${file} is in no folder of npm test or test:windows`)
  }
})
