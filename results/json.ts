/** Records as JSON: one document (`docs/results.schema.json`), or JSON Lines. A key is absent where its value is unknown. */
import { type Encoding, SCHEMA_VERSION } from './encoding.ts'
import { rounded } from './record.ts'

export const json: Encoding = {
  header: `{"schema_version":${SCHEMA_VERSION},"records":[`,
  row: (record, index) => `${index > 0 ? ',' : ''}\n${JSON.stringify(rounded(record))}`,
  footer: warnings => `\n],"warnings":[${warnings.map(each => `\n${JSON.stringify(each)}`).join(',')}]}\n`,
}

export const jsonl: Encoding = {
  header: '',
  row: record => `${JSON.stringify(rounded(record))}\n`,
  footer: () => '',
}
