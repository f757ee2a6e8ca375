/** docs/calls.md is made of the tables of calls. */
import { test } from 'node:test'
import * as z from 'zod'
import { AGENT_CALLS } from '../../../bench/fleet/calls/agent-calls.ts'
import { PROTOCOL } from '../../../bench/fleet/calls/protocol.ts'
import { SERVER_CALLS } from '../../../bench/fleet/calls/server-calls.ts'
import { golden } from '../../support/golden.ts'

test('the documentation of the calls is up to date', () => golden('docs/calls.md', callsMarkdown()))

interface Field {
  readonly type: string
  readonly optional: boolean
}

function callsMarkdown(): string {
  const toAgents = Object.entries(AGENT_CALLS).flatMap(([call, { own, client }]) => {
    const open = fieldsOf(client)
    return [...fieldsOf(own)].map(([name, field]) =>
      row(`\`${call}\``, nameOf(name, field), field.type, from(field, open.get(name))),
    )
  })
  const toServers = Object.entries(SERVER_CALLS).map(([call, { ask, answer }]) =>
    row(`\`${call}\``, listOf(fieldsOf(ask)), listOf(fieldsOf(answer))),
  )
  return `# Calls

What the program says to its agents and to \`bench serve\` (control protocol ${PROTOCOL}), made of the tables in \`bench/fleet/calls/\` by
\`npm run update-golden\`. Each message is a JSON object with a \`type\`, the name of the call; a question mark stands for what may be left out.

## To an agent

A client on another host says only what the last column gives it. The rest is of the agent's host: \`bench serve\` decides it, or leaves it out
(\`bench/fleet/daemon/policy.ts\`, which also refuses values over its limits).

${table(['call', 'field', 'type', 'from another host'], toAgents)}

## To a server

Each question has an \`id\`, which its answer repeats.

${table(['call', 'asks with', 'answered with'], toServers)}
`
}

/** Without the name of the call and the id. */
function fieldsOf(schema: z.ZodType): ReadonlyMap<string, Field> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })
  return new Map(
    Object.entries(properties)
      .filter(([name]) => name !== 'type' && name !== 'id')
      .map(([name, property]) => [name, { type: typeOf(property), optional: !required.includes(name) }]),
  )
}

function typeOf(property: z.core.JSONSchema._JSONSchema): string {
  if (typeof property === 'boolean') return 'any'
  const { const: constant, enum: values, anyOf, oneOf, type, properties = {}, items, prefixItems } = property
  const choices = anyOf ?? oneOf
  if (constant !== undefined) return JSON.stringify(constant)
  if (values) return values.map(value => JSON.stringify(value)).join(' or ')
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (type === 'object') return `{ ${Object.keys(properties).join(', ')} }`
  if (prefixItems) return `[${prefixItems.map(typeOf).join(', ')}]`
  if (type === 'array' && items && !Array.isArray(items)) return `list of ${typeOf(items)}`
  return typeof type === 'string' ? type : 'string'
}

function from(own: Field, client: Field | undefined): string {
  if (!client) return 'no'
  return client.type === own.type ? 'yes' : client.type
}

function nameOf(name: string, { optional }: Field): string {
  return `\`${name}\`${optional ? '?' : ''}`
}

function listOf(fields: ReadonlyMap<string, Field>): string {
  return [...fields].map(([name, field]) => `${nameOf(name, field)}: ${field.type}`).join('; ') || '–'
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(...head), row(...head.map(() => '---')), ...rows].join('\n')
}
