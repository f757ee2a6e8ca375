/** A network of a test's own that has multicast: what is sent to groups by `near` comes back to its receivers, and goes nowhere else. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Namespace } from './namespace.ts'

export const NEAR = { 4: '10.78.0.1', 6: 'fd78::1' } as const

export function groupNetwork(): Namespace {
  const namespace = new Namespace(65_536)
  const [command = '', ...at] = namespace.words
  for (const words of [
    'link add near type veth peer name other-end',
    'link set other-end up',
    `address add ${NEAR[4]}/24 dev near`,
    `address add ${NEAR[6]}/64 dev near nodad`,
    'link set near up',
    'route add default dev near',
  ]) {
    const { status, stderr } = spawnSync(command, [...at, 'ip', ...words.split(' ')], { encoding: 'utf8' })
    assert.equal(status, 0, `${words}: ${stderr}`)
  }
  return namespace
}
