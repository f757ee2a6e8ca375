/** Records as JSON: one document (`docs/results.schema.json`), or JSON Lines. A key is absent where its value is unknown. */
import { harmlessJson } from '../../base/foreign-text.ts'
import type { Manifest } from '../schema/manifest.ts'
import { rounded } from '../schema/record.ts'
import { type Encoding, SCHEMA_VERSION } from './encoding.ts'

export const json: Encoding = {
  header: manifest =>
    `{"schema_version":${SCHEMA_VERSION},${manifest ? `"run":${line(manifest)},` : ''}"records":[`,
  row: (record, index) => `${index > 0 ? ',' : ''}\n${line(rounded(record))}`,
  footer: (warnings, findings = {}) => {
    const found = Object.keys(findings).length > 0 ? `,"findings":${line(findings)}` : ''
    return `\n],"warnings":[${warnings.map(each => `\n${line(each)}`).join(',')}]${found}}\n`
  },
}

export const jsonl: Encoding = {
  header: manifest => (manifest ? `${line(manifest)}\n` : ''),
  row: record => `${line(rounded(record))}\n`,
  footer: () => '',
}

/** A file of its own. */
export function encodeManifest(manifest: Manifest): string {
  return `${harmlessJson(JSON.stringify(manifest, undefined, 1))}\n`
}

function line(value: object): string {
  return harmlessJson(JSON.stringify(value))
}
