/** docs/api.md: what the package exports, with its types and docstrings, as the compiler's declarations have them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SILENT = { default: { logLevel: ExtractorLogLevel.None } }

interface Entry {
  readonly name: string
  readonly types: string
}

interface Declaration {
  readonly name: string
  readonly text: string
  readonly isExported: boolean
}

export function apiMarkdown(): string {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const entries = Object.entries<{ types?: string }>(exports).flatMap(([path, { types }]): Entry[] =>
    types === undefined ? [] : [{ name: name + path.slice(1), types }],
  )
  return `<!-- Made from the types by npm run update-golden; do not edit. -->
# What the package exports

[An example](../examples/library/best-chunk.ts) in TypeScript; [plugins.md](plugins.md) says how a plug-in is made. Types that are named here and
not exported are below each part; the package's \`.d.ts\` files have the rest.
${entries.map(section).join('')}`
}

function section({ name, types }: Entry): string {
  const all = declarationsOf(types)
  const exported = all.filter(each => each.isExported)
  const named = all.filter(
    each => !each.isExported && linesOf(each) <= MOST_LINES && exported.some(other => names(other, each)),
  )
  return `
## \`import … from '${name}'\`

${exported.map(({ name }) => `\`${name}\``).join(', ')}

${code(exported)}
${named.length > 0 ? `\n<details><summary>Types that these name</summary>\n\n${code(named)}\n\n</details>\n` : ''}`
}

/** A longer type is the schema of a whole document. */
const MOST_LINES = 40

function linesOf({ text }: Declaration): number {
  return text.split('\n').length
}

function names({ text }: Declaration, { name }: Declaration): boolean {
  return new RegExp(`\\b${name}\\b`).test(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, ''))
}

function code(declarations: readonly Declaration[]): string {
  return [
    '```ts',
    declarations.map(({ text }) => text.replaceAll(/^(export )?declare /gm, '$1')).join('\n\n'),
    '```',
  ].join('\n')
}

/** Of an entry of the package, with everything that it leads to, by name. */
function declarationsOf(types: string): readonly Declaration[] {
  const folder = mkdtempSync(join(tmpdir(), 'bench-api-'))
  try {
    const rollup = join(folder, 'rollup.d.ts')
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: ROOT,
        mainEntryPointFilePath: join(ROOT, types),
        // Its compiler is not ours.
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: 'es2023',
              lib: ['es2023', 'esnext.disposable'],
              module: 'nodenext',
              types: ['node'],
              typeRoots: [join(ROOT, 'node_modules/@types')],
              strict: true,
              skipLibCheck: true,
            },
            files: [join(ROOT, types)],
          },
        },
        apiReport: { enabled: false },
        docModel: { enabled: false },
        tsdocMetadata: { enabled: false },
        dtsRollup: { enabled: true, untrimmedFilePath: rollup },
        messages: {
          compilerMessageReporting: SILENT,
          extractorMessageReporting: SILENT,
          tsdocMessageReporting: SILENT,
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(ROOT, 'package.json'),
    })
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        message.logLevel = ExtractorLogLevel.None
      },
    })
    return readFileSync(rollup, 'utf8')
      .replaceAll('\r', '')
      .split(/\n\n(?=\/\*\*|export |declare )/)
      .flatMap(block => {
        const text = block.trim()
        const found = /^(export )?declare (?:abstract )?(?:const|class|function|interface|type) (\w+)/m.exec(
          text,
        )
        return found ? [{ name: found[2] ?? '', text, isExported: found[1] !== undefined }] : []
      })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
