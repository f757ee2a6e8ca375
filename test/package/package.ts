/** What a stranger gets from the package: its files, its types, and that programs of both module systems use it. `npm run test:package`. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ran } from '../support/ran.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const WORK = mkdtempSync(join(tmpdir(), 'bench-package-'))
after(() => rmSync(WORK, { recursive: true, force: true }))

/** Linters of packages, which the project itself does not need. */
const PUBLINT = 'publint@0.3.25'
const ATTW = '@arethetypeswrong/cli@0.18.5'

/** Where a file of the package may be. */
const PLACES = [
  /^(?:package\.json|LICENSE|README\.md|SECURITY\.md|dist\/bench\.1|dist\/bench\/LICENSES\.txt)$/,
  /^dist\/(?:base|bench|results|scenarios|transports)\/(?:[\w-]+\/)*[\w-]+\.(?:js|d\.ts)$/,
  // Of the bundles, whose maps hold their sources.
  /^dist\/bench\/(?:agent\/)?[\w-]+\.js\.map$/,
  /^dist\/results\/report\/assets\/[\w-]+\.(?:txt|ttf|css)$/,
  /^dist\/test\/(?:compliance\/[\w-]+|support\/(?:transfers|tapped-sockets))\.(?:js|d\.ts)$/,
  /^docs\/[\w.-]+\.(?:md|json|png)$/,
  /^scenarios\/[\w-]+\.yaml$/,
  /^examples\/(?:library\/[\w-]+\.ts|plugin\/[\w-]+\.js)$/,
]
const MOST_BYTES = 20_000_000

const options = { cwd: ROOT }
const [packed] = JSON.parse(
  ran('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', WORK], options),
)
const archive = join(WORK, packed.filename)
const paths: readonly string[] = packed.files.map(({ path }: { path: string }) => path)
const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

describe('the package', () => {
  test('has files in known places only, no tests, and is small', () => {
    const strange = paths.filter(path => !PLACES.some(place => place.test(path)) || path.includes('.test.'))
    assert.deepEqual(strange, [])
    assert.ok(packed.unpackedSize < MOST_BYTES, `${packed.unpackedSize} B`)
  })

  test('has everything that package.json names', () => {
    const named = [...Object.values(about.bin), about.man, ...targets(about.exports)]
    for (const path of named.filter(each => !each.includes('*')))
      assert.ok(paths.includes(path.replace('./', '')), path)
    assert.ok(named.length >= 10)
  })

  test('has every file that a module or a type of it imports', () => {
    let imports = 0
    for (const path of paths.filter(each => /\.(?:js|d\.ts)$/.test(each) && each.startsWith('dist/'))) {
      const text = readFileSync(join(ROOT, path), 'utf8')
      for (const [, target = ''] of text.matchAll(
        /^(?:import|export)\b[^'"\n]*?from ?['"](\.[^'"\n]+)['"]/gm,
      )) {
        imports++
        const file = join(dirname(path), target)
        const found = paths.includes(
          path.endsWith('.d.ts') ? file.replace(/(?<!\.d)\.[jt]s$/, '.d.ts') : file,
        )
        assert.ok(found, `${path} imports ${target}`)
      }
    }
    assert.ok(imports > 1000)
  })

  test('passes publint, and its types are right for programs that import it (attw)', () => {
    assert.match(ran('npx', ['--yes', PUBLINT, archive, '--strict'], { cwd: WORK }), /All good!/)
    ran('npx', ['--yes', ATTW, archive, '--profile', 'esm-only'], { cwd: WORK })
  })
})

describe('a project that installs the package', () => {
  const project = join(WORK, 'project')

  test('compiles with strict types, libraries included', () => {
    cpSync(join(ROOT, 'test/package/project'), project, { recursive: true })
    const require = createRequire(import.meta.url)
    const tools = ['typescript', '@types/node'].map(
      name => `${name}@${require(join(ROOT, 'node_modules', name, 'package.json')).version}`,
    )
    ran('npm', ['install', '--no-audit', '--no-fund', archive, ...tools], { cwd: project })
    ran('npx', ['tsc', '-p', '.'], { cwd: project })
  })

  test('measures from a module, through every entry', () => {
    const said = JSON.parse(ran(process.execPath, ['built/esm.js'], { cwd: project }))
    assert.deepEqual(said, {
      version: about.version,
      rows: [
        ['completed', 'number'],
        ['completed', 'number'],
      ],
      cases: 1,
      schema: 'string',
      functions: ['function', 'function', 'function'],
      entries: [true, true],
      mistake: true,
    })
  })

  test('measures from CommonJS', () => {
    const said = JSON.parse(ran(process.execPath, ['built/cjs.cjs'], { cwd: project }))
    assert.deepEqual(said, { outcomes: ['completed', 'completed'], entries: true })
  })

  test('has the command with its reports, the manual page and the plug-in of the examples', () => {
    const plugin = 'node_modules/tcp-udp-bench/examples/plugin/udp-sequence.js'
    const words = ['--plugin', plugin, '--transport', 'udp-sequence', '--size', '64k', '--repeat', '2']
    ran('npx', ['bench', 'run', ...words, '--out', 'rows.csv'], { cwd: project })
    ran('npx', ['bench', 'report', 'rows.csv', '-o', 'report.html', '-o', 'report.png'], { cwd: project })
    assert.match(readFileSync(join(project, 'report.html'), 'utf8'), /udp-sequence/)
    assert.equal(readFileSync(join(project, 'report.png')).toString('latin1', 1, 4), 'PNG')
    assert.ok(existsSync(join(project, 'node_modules/tcp-udp-bench/dist/bench.1')))
  })
})

function targets(entry: unknown): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry ?? {}).flatMap(targets)
}
