/**
 * Bundles the command line and the agent's programs into few files, which replace the compiler's output: Node's module loader opens
 * hundreds of files at once, and many systems allow a process 256 or fewer (`ulimit -n`). They start faster, too: a command reads only
 * the parts that it needs (`part-*.js`). Writes the manual page, too. `npm run build` runs it.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { COMMANDS } from './dispatch.ts'
import { manPage } from './man-page.ts'

/** The root of the repository: this runs as dist/bench/cli/build-program.js. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PROGRAMS = ['bench/cli', 'bench/agent/main', 'bench/agent/thread']
/** Packages that stay where they were installed: those with native code, and those that only some install. */
const OUTSIDE = ['koffi', '@resvg/resvg-js', '@opentelemetry/*', '@duckdb/node-api']

const PART = 'part-'

const commands = await Promise.all(COMMANDS.map(async entry => [entry, await entry.load()] as const))
writeFileSync(join(ROOT, 'dist/bench.1'), manPage(commands))

const packages = new Set<string>()
for (const program of PROGRAMS) {
  const folder = join(ROOT, 'dist', dirname(program))
  for (const name of readdirSync(folder)) if (name.startsWith(PART)) rmSync(join(folder, name))
  const { metafile } = await build({
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
    plugins: [places(folder)],
  })
  for (const input of Object.keys(metafile.inputs)) {
    const installed = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (installed !== undefined) packages.add(installed)
  }
}
writeFileSync(join(ROOT, 'dist/bench/LICENSES.txt'), [...packages].sort().map(licenseOf).join('\n'))
chmodSync(join(ROOT, 'dist/bench/cli.js'), 0o755)

/** Files that a module finds beside itself are where the compiler put the module, not where its text is now. */
function places(folder: string): Plugin {
  return {
    name: 'places of modules',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8')
        if (path.includes('node_modules') || !source.includes('import.meta.url')) return undefined
        const compiled = join(ROOT, 'dist', relative(ROOT, path).replace(/\.ts$/, '.js'))
        const place = JSON.stringify(relative(folder, compiled))
        return {
          contents: source.replaceAll('import.meta.url', `new URL(${place}, import.meta.url)`),
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
