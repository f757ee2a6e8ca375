/** What is in an executable: its licences as one text, and a list in CycloneDX, as `npm sbom` makes one of all that is installed. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { globSync } from 'tinyglobby'

/** The Node of an executable. */
export interface NodeProgram {
  readonly path: string
  readonly version: string
}

interface Sbom {
  readonly components: readonly Readonly<Record<'name' | 'version', string>>[]
  readonly dependencies?: unknown
}

/** In the page and the pictures of reports. */
const IN_REPORTS = ['echarts', 'zrender', '@fontsource/inter']

/**
 * @param native the folder where the native libraries were installed
 * @param nodeLicense the path of the licences of Node and of all that is in it
 * @throws when something is bundled that npm does not know
 */
export function materials(
  root: string,
  native: string,
  { version }: NodeProgram,
  nodeLicense: string,
): Record<'licenses' | 'sbom', string> {
  const bundled = readFileSync(join(root, 'dist/bench/LICENSES.txt'), 'utf8')
  const names = new Set(IN_REPORTS)
  for (const [, name = ''] of bundled.matchAll(/^--- (.+)$/gm)) names.add(name)
  const { dependencies: _, components, ...about } = npmSbom(root)
  const ours = components.filter(({ name }) => names.has(name))
  const lacking = [...names].filter(name => !ours.some(each => each.name === name))
  if (lacking.length > 0) throw new Error(`npm sbom does not know ${lacking.join(', ')}, which is bundled`)
  const node = { type: 'application', name: 'node', version, purl: `pkg:generic/node@${version}` }
  const texts = [
    ['tcp-udp-bench', join(root, 'LICENSE')],
    ...globSync('dist/results/report/assets/*.txt', { cwd: root }).map(path => [path, join(root, path)]),
    ...globSync('node_modules/**/LICENSE*', { cwd: native }).map(path => [dirname(path), join(native, path)]),
    ['Node.js', nodeLicense],
  ].map(([name, path = '']) => `--- ${name}\n${readFileSync(path, 'utf8')}`)
  return {
    licenses: [...texts, bundled].join('\n'),
    sbom: `${JSON.stringify({ ...about, components: [...ours, ...npmSbom(native).components, node] }, null, 2)}\n`,
  }
}

function npmSbom(folder: string): Sbom {
  const shell = process.platform === 'win32'
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26, shell } as const
  return JSON.parse(execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], options))
}
