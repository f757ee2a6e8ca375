/**
 * Bundles the command line and the agent's programs into few files, which replace the compiler's output: Node's module loader opens
 * hundreds of files at once, and many systems allow a process 256 or fewer (`ulimit -n`). They start faster, too: a command reads only
 * the parts that it needs (`part-*.js`). Writes the manual page, too. `npm run build` runs it.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { COMMANDS } from './dispatch.ts'
import { lighterPackages } from './lighter-packages.ts'
import { manPage } from './man-page.ts'

/** The root of the repository: this runs as dist/bench/cli/build-program.js. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PROGRAMS = ['bench/cli', 'bench/agent/main', 'bench/agent/thread']
/** Packages that stay where they were installed: those with native code, and those that only some install. */
const OUTSIDE = ['koffi', '@resvg/resvg-js', '@opentelemetry/*', '@duckdb/node-api']

const PART = 'part-'
/** Loaded one after the other before anything else, as far as a program has them: what each needs, beside those before it, is one part. */
const FIRST = ['bench/agent/thread.ts', 'bench/cli.ts', 'bench/cli/dispatch.ts', 'bench/cli/running.ts']
/** What is loaded on its own reads no more than it needs, such as `bench list`. */
const LIGHT = ['bench/cli/commands/list.ts', 'scenarios/load.ts', 'bench/workloads/plugins.ts']
/** Loaded first of all where it is, and nothing with it. */
const ALONE = 'bench/fleet/local/spawn.ts'
/** Modules that so many commands need become one part. Else there is one for each set of commands, and a command opens a hundred files. */
const SHARED_BY = 6
const SHARED = 'shared-modules-'

const commands = await Promise.all(COMMANDS.map(async entry => [entry, await entry.load()] as const))
writeFileSync(join(ROOT, 'dist/bench.1'), manPage(commands))

const packages = new Set<string>()
for (const program of PROGRAMS) {
  const folder = join(ROOT, 'dist', dirname(program))
  for (const name of readdirSync(folder)) if (name.startsWith(PART)) rmSync(join(folder, name))
  const options = {
    absWorkingDir: ROOT,
    entryPoints: [`${program}.ts`],
    outdir: folder,
    chunkNames: `${PART}[hash]`,
    bundle: true,
    splitting: true,
    minifyWhitespace: true,
    minifySyntax: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: OUTSIDE,
    // CommonJS packages load Node's modules with require.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    legalComments: 'inline',
    sourcemap: true,
    logLevel: 'error',
    metafile: true,
  } satisfies BuildOptions
  const { metafile: apart } = await build({
    ...options,
    write: false,
    plugins: [lighterPackages, modules(folder)],
  })
  const { metafile } = await build({
    ...options,
    plugins: [lighterPackages, modules(folder, sharedOf(apart))],
  })
  for (const input of Object.keys(metafile.inputs)) {
    const installed = /^[^:]*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (installed !== undefined) packages.add(installed)
  }
}
writeFileSync(join(ROOT, 'dist/bench/LICENSES.txt'), [...packages].sort().map(licenseOf).join('\n'))
chmodSync(join(ROOT, 'dist/bench/cli.js'), 0o755)

/** Modules that become one part, because all of these entries (modules that are loaded when they are used) import them. */
interface Shared {
  readonly by: ReadonlySet<string>
  readonly modules: readonly string[]
}

/** What several of the program's entries need, from a build of a part for each set of entries. */
function sharedOf({ outputs }: Metafile): readonly Shared[] {
  const needs = (part: string, known = new Set<string>()): ReadonlySet<string> => {
    if (known.has(part)) return known
    known.add(part)
    for (const { path, kind } of outputs[part]?.imports ?? [])
      if (kind === 'import-statement' && path in outputs) needs(path, known)
    return known
  }
  const entries = Object.entries(outputs).flatMap(([part, { entryPoint: module }]) =>
    module === undefined || module === ALONE ? [] : [{ module, parts: needs(part) }],
  )
  const modulesIn = (isShared: (part: string) => boolean) =>
    Object.entries(outputs)
      .filter(([part, { entryPoint }]) => entryPoint === undefined && isShared(part))
      .flatMap(([, { inputs }]) => Object.keys(inputs))
      // Files only: what plug-ins make of a file comes with who imports it.
      .filter(each => !each.includes(':'))
  const first = FIRST.flatMap(module => entries.find(each => each.module === module) ?? [])
  const later = entries.filter(each => !first.includes(each))
  const heavy = later.filter(({ module }) => !LIGHT.includes(module))
  const isFirst = (part: string) => first.some(({ parts }) => parts.has(part))
  const named = (some: typeof entries) => new Set(some.map(({ module }) => module))
  return [
    ...first.map(({ parts }, index) => ({
      by: named([...first.slice(index), ...later]),
      modules: modulesIn(part => parts.has(part)),
    })),
    {
      by: named(heavy),
      modules: modulesIn(
        part => !isFirst(part) && heavy.filter(({ parts }) => parts.has(part)).length >= SHARED_BY,
      ),
    },
  ]
}

/**
 * Files that a module finds beside itself are where the compiler put the module, not where its text is now. Entries that share modules
 * import them all.
 */
function modules(folder: string, shared: readonly Shared[] = []): Plugin {
  return {
    name: 'places of modules, and what they share',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: new RegExp(`^${SHARED}`) }, ({ path }) => ({ path, namespace: SHARED }))
      onLoad({ filter: /./, namespace: SHARED }, ({ path }) => ({
        contents: (shared[Number(path.slice(SHARED.length))]?.modules ?? [])
          .map(each => `import ${JSON.stringify(join(ROOT, each))}`)
          .join('\n'),
        resolveDir: ROOT,
      }))
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8')
        const own = shared.flatMap(({ by }, index) =>
          by.has(relative(ROOT, path)) ? `import '${SHARED}${index}'` : [],
        )
        if (path.includes('node_modules') || !(own.length > 0 || source.includes('import.meta.url')))
          return undefined
        const compiled = join(ROOT, 'dist', relative(ROOT, path).replace(/\.ts$/, '.js'))
        const place = JSON.stringify(relative(folder, compiled))
        return {
          contents: [source.replaceAll('import.meta.url', `new URL(${place}, import.meta.url)`), ...own].join(
            '\n',
          ),
          loader: 'ts',
        }
      })
    },
  }
}

function licenseOf(folder: string): string {
  const path = join(ROOT, folder)
  const file = readdirSync(path).find(name => /^licen[cs]e/i.test(name))
  const text =
    file !== undefined && existsSync(join(path, file)) ? readFileSync(join(path, file), 'utf8') : ''
  return `--- ${basename(dirname(path)).startsWith('@') ? `${basename(dirname(path))}/` : ''}${basename(path)}\n${text}`
}
