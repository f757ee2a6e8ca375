/**
 * `node dist/deploy/release/manifests.js REPOSITORY FOLDER`: a Homebrew formula and a winget manifest of the executables in a folder, as
 * they are to be found at the release of this version in a repository. Writes them to FOLDER/manifests.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const TEMPLATES = join(ROOT, 'deploy/release/templates')

const [repository, folder] = process.argv.slice(2)
if (repository === undefined || folder === undefined) {
  process.stderr.write('manifests: name the address of the repository, and the folder with the executables\n')
  process.exit(2)
}
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const values: Readonly<Record<string, (file: string) => string>> = {
  version: () => version,
  repository: () => repository,
  url: file => `${repository}/releases/download/v${version}/${file}`,
  sha256: file =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex'),
}
mkdirSync(join(folder, 'manifests'), { recursive: true })
for (const name of readdirSync(TEMPLATES)) {
  const text = readFileSync(join(TEMPLATES, name), 'utf8').replaceAll(
    /\{\{(\w+) ?(.*?)\}\}/g,
    (_, value: string, file: string) => values[value]?.(file) ?? '',
  )
  writeFileSync(join(folder, 'manifests', name), text)
}
