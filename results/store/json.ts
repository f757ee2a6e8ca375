/** Records as JSON: one document (`docs/results.schema.json`), or JSON Lines. A key is absent where its value is unknown. */
import { harmlessJson } from '../../base/foreign-text.ts'
import { rounded } from '../schema/record.ts'
import { type Encoding, SCHEMA_VERSION } from './encoding.ts'

export const json: Encoding = {
  header: `{"schema_version":${SCHEMA_VERSION},"records":[`,
  row: (record, index) => `${index > 0 ? ',' : ''}\n${harmlessJson(JSON.stringify(rounded(record)))}`,
  footer: warnings =>
    `\n],"warnings":[${warnings.map(each => `\n${harmlessJson(JSON.stringify(each))}`).join(',')}]}\n`,
}

export const jsonl: Encoding = {
  header: '',
  row: record => `${harmlessJson(JSON.stringify(rounded(record)))}\n`,
  footer: () => '',
}
