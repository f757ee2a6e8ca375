import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ROOMS = ['bench', 'transports', 'scenarios', 'results']
/** Files of bench/ that anybody may import: they import nothing of the project but each other. */
const LEAVES = [
  'units',
  'clock',
  'errors',
  'random',
  'waiting',
  'nearest',
  'encoded-text',
  'foreign-text',
].map(name => `bench/${name}.ts`)

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

function room(file: string): string {
  return file.split('/')[0] ?? ''
}

test('the reader of imports sees one-line, multi-line, type and late imports', () => {
  assert.ok(imports.get('bench/commands/dispatch.ts')?.includes('bench/commands/run.ts'))
  assert.ok(imports.get('bench/run.ts')?.includes('bench/measuring.ts'))
  assert.ok(imports.get('transports/datagram-sender.ts')?.includes('transports/transport.ts'))
  assert.ok([...imports.values()].flat().length > 100)
})

test('every imported file exists', () => {
  for (const [file, targets] of imports)
    for (const target of targets) assert.ok(imports.has(target), `${file} imports ${target}`)
})

test('leaves import nothing but leaves', () => {
  for (const leaf of LEAVES)
    for (const target of imports.get(leaf) ?? ['missing'])
      assert.ok(LEAVES.includes(target), `${leaf} imports ${target}`)
})

test('transports, scenarios and results import leaves and themselves, never each other or bench', () => {
  for (const [file, targets] of imports) {
    if (room(file) === 'bench') continue
    for (const target of targets)
      assert.ok(room(target) === room(file) || LEAVES.includes(target), `${file} imports ${target}`)
  }
})

test('there is no import circle', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(
      !path.includes(file),
      `import circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`,
    )
    if (done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
})

test('only cli.ts touches the arguments, the exit and standard output of the process', () => {
  const touching = /process\.(argv|exit\b|exitCode|stdout)/
  for (const file of imports.keys()) {
    if (file === 'bench/cli.ts' || file === 'bench/agent/main.ts') continue
    assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), touching, file)
  }
})
