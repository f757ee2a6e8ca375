/** Ways that cannot be emulated, or not with other settings. Pure. */
import { type Block, transportsOf } from './blocks.ts'
import type { Conflict, Transports } from './conflict.ts'
import { hasRate } from './paths.ts'
import type { Scenario } from './schema.ts'
import { isApart } from './settings/words.ts'

/** Of a way, what it is emulated with, and of a receiver that reads late. */
export function* ofEmulation(block: Block, scenario: Scenario, transports: Transports): Iterable<Conflict> {
  const { paths, queueBytes, impairWith } = block
  const own = paths ? 'path' : block.way ? 'impair' : block.trace === undefined ? undefined : 'trace'
  const beside =
    block.withTransport !== undefined ? 'with' : (block.streams ?? []).some(count => count > 1) && 'streams'
  if (own && (beside || scenario.bidir) && !isApart(impairWith))
    yield {
      settings: [own, beside || 'bidir'],
      message: name =>
        `${name(own)} and ${name(beside || 'bidir')}: a relay of datagrams and connections has no queue in which flows meet; ${scenario.bidir ? 'leave one of them out' : `add ${name('impair-with', 'tun')} (Linux), or leave one of them out`}`,
    }
  const fanning = transportsOf(block).find(each => transports.get(each)?.traits.fansOut)
  if (own && fanning !== undefined)
    yield {
      settings: [own, 'transport'],
      message: name =>
        `${name(own)}: nothing stands between ${fanning} and its receivers; leave it out of ${name('transport')}`,
    }
  const answering = transportsOf(block).find(each => transports.get(each)?.traits.reliable)
  if (block.readLate && answering !== undefined && transports.get(answering)?.traits.socket === 'datagram')
    yield {
      settings: ['read-late', 'transport'],
      message: name =>
        `${name('read-late')}: ${answering} waits for answers of a receiver that reads nothing; leave it out of ${name('transport')}`,
    }
  if (!own && impairWith !== undefined)
    yield {
      settings: ['impair-with', 'impair'],
      message: name =>
        `${name('impair-with', impairWith)}: nothing is emulated; add ${name('impair')}, ${name('path')} or ${name('trace')}`,
    }
  const free = paths?.find(each => !hasRate(each))
  if (queueBytes !== undefined && free !== undefined && block.trace === undefined)
    yield {
      settings: ['queue', 'path'],
      message: name => `${name('queue')}: the path ${free} has no rate that packets wait for; leave it out`,
    }
  if (queueBytes !== undefined && !paths && block.trace === undefined)
    yield {
      settings: ['queue', 'path'],
      message: name =>
        `${name('queue')} is of a path; name one with ${name('path')}, or write queue= in ${name('impair')}`,
    }
}
