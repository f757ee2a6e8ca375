/** What an end of a trial to a group has to prepare. Pure, but for the interfaces of this host. */
import { interfaceOf } from '../../../transports/contract/addresses.ts'
import type { Prepare } from '../calls/agent-calls.ts'

/** A receiver joins the group, and a sender sends to it, on the interface of the address that it would be bound to, unless another is asked for. */
export function inGroup(message: Prepare): Prepare {
  const { group, local, socket, role, ports } = message
  if (!group) return message
  const device = socket.device ?? interfaceOf(local.host)
  const ofGroup = { ...message, socket: { ...socket, device } }
  if (role === 'send') return ofGroup
  return { ...ofGroup, local: { ...local, ...group }, ports: group.port > 0 ? undefined : ports }
}
