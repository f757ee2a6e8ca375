/** A scenario file to begin with: what most people set, and each other key as a comment, with its default. */
import { fileURLToPath } from 'node:url'
import { SCENARIO_KEYS } from './schema.ts'
import { ROWS, type SettingName } from './settings/rows.ts'

const SCHEMA = fileURLToPath(new URL('../../docs/scenario.schema.json', import.meta.url))
const FIRST: readonly string[] = ['size', 'chunk', 'transport', 'repeat'] satisfies readonly SettingName[]

/** The line by which editors check the keys of a scenario file while they are written. */
export function modeline(): string {
  return `# yaml-language-server: $schema=${SCHEMA}`
}

/** YAML that measures what `bench run` does by default. */
export function scenarioTemplate(): string {
  const rows = new Map<string, (typeof ROWS)[number][1]>(ROWS)
  const commented = [...SCENARIO_KEYS].filter(([name]) => !FIRST.includes(name))
  return [
    modeline(),
    '# What to measure, for bench run FILE. A flag overrides its key, and paths are relative to this file.',
    ...FIRST.map(name => `${name}: ${listed(rows.get(name)?.initial ?? '')}`),
    '',
    '# Everything else that a scenario can say:',
    ...commented.flatMap(([name, { about }]) => {
      const { initial, usual = initial } = rows.get(name) ?? {}
      return ['', `# ${about}${usual === undefined ? '' : ` Default: ${usual}.`}`, `# ${name}:`]
    }),
    '',
    '# Blocks of cases that differ in the given keys; each of them replaces the key above.',
    '# variants:',
    '#   - label: small buffer',
    '#     rcvbuf: 64k',
    '#   - label: large buffer',
    '#     rcvbuf: 4M',
    '',
  ].join('\n')
}

function listed(text: string): string {
  return text.includes(',') ? `[${text.replaceAll(',', ', ')}]` : text
}
