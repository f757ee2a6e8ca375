/** Links within the documents lead somewhere: to a file that is here, and to a heading that it has. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const DOCUMENTS = ['.', 'docs'].flatMap(folder =>
  readdirSync(join(ROOT, folder)).flatMap(name => (name.endsWith('.md') ? [join(folder, name)] : [])),
)
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** As GitHub makes them of headings. */
const anchorsOf = (path: string) =>
  [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

test('each link of a document leads to a file, and to a heading of it', () => {
  const links = DOCUMENTS.flatMap(from =>
    [...textOf(from).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => ({ from, link })),
  )
  assert(links.length > 50)
  for (const { from, link } of links) {
    const [path = '', anchor] = link.split('#')
    const to = path === '' ? from : normalize(join(dirname(from), path))
    assert(existsSync(join(ROOT, to)), `${from}: ${link}`)
    if (anchor !== undefined) assert(anchorsOf(to).includes(anchor), `${from}: ${link}`)
  }
})

test('each JSON Schema has a name of its own, and users of the package can load it', () => {
  const schemas = readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.schema.json'))
  assert(schemas.length >= 5)
  for (const name of schemas) {
    const path = fileURLToPath(import.meta.resolve(`tcp-udp-bench/docs/${name}`))
    assert.equal(path, join(ROOT, 'docs', name))
    assert.equal(JSON.parse(textOf(path.slice(ROOT.length))).$id, `urn:tcp-udp-bench:${name.split('.')[0]}`)
  }
})
