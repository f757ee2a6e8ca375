/** Settings that a transport which sends to a group cannot have. Pure. */
import { familyOf } from '../transports/contract/addresses.ts'
import { type Block, transportsOf } from './blocks.ts'
import type { Conflict, Transports } from './conflict.ts'
import type { Scenario } from './schema.ts'
import { TARGET } from './settings/words.ts'

export function* ofGroups(
  block: Block,
  { ipFamily, host, from, reverse, bidir, target }: Scenario,
  transports: Transports,
): Iterable<Conflict> {
  const sendsTo = (many: boolean) =>
    transportsOf(block).find(each => transports.has(each) && !transports.get(each)?.traits.fansOut !== many)
  const [name, single] = [sendsTo(true), sendsTo(false)]
  if (host && host.length > 1 && single !== undefined)
    yield {
      settings: ['host', 'transport'],
      message: as =>
        `${as('host')} names several hosts, but ${single} sends to one; name one, or leave ${single} out with ${as('transport')}`,
    }
  // What a file has in place of one, and which has been reported, is undefined.
  const places = (host ?? []).filter(each => each !== undefined).map(TARGET.format)
  const twice = places.find((each, at) => places.indexOf(each) < at)
  if (twice !== undefined)
    yield { settings: ['host'], message: as => `${as('host')} names ${twice} twice; name each host once` }
  if (name === undefined) return
  const { bind, group, source, streams = [], receivers = [], loopback } = block
  const family = bind === undefined ? ipFamily : familyOf(bind)
  // Another host decides it.
  const usual = host || target ? undefined : 4
  for (const [setting, address, expected] of [
    ['group', group, family],
    ['source', source, family ?? (group === undefined ? usual : familyOf(group))],
  ] as const)
    if (address !== undefined && expected !== undefined && familyOf(address) !== expected)
      yield {
        settings: [setting, 'ip', 'bind'],
        message: as =>
          `${as(setting, address)} is an IPv${familyOf(address)} address, but data go by IPv${expected}; give an IPv${expected} address`,
      }
  if (streams.some(each => each > 1))
    yield {
      settings: ['streams', 'transport'],
      message: as =>
        `${name} sends one flow to many receivers; choose their number with ${as('receivers')}, and leave ${as('streams')} out`,
    }
  const elsewhere = target ? 'target' : host ? 'host' : undefined
  if (elsewhere && receivers.some(each => each > 1))
    yield {
      settings: ['receivers', elsewhere],
      message: as =>
        `${as('receivers')} says how many there are on this host, but ${as(elsewhere)} says that they are on others; leave one out`,
    }
  const back = reverse ? 'reverse' : bidir ? 'bidir' : from ? 'from' : undefined
  if (back)
    yield {
      settings: [back, 'transport'],
      message: as =>
        `${name} sends to a group, but bench serve sends to confirmed hosts only; send from this host, and leave ${as(back, back === 'from' ? undefined : true)} out`,
    }
  if (loopback === false && !elsewhere)
    yield {
      settings: ['loopback', 'host', 'target'],
      message: as =>
        `${as('loopback', false)}: nothing would arrive, since the receivers are on the sender's own host; leave it out, or name others with ${as('host')} or ${as('target')}`,
    }
}
