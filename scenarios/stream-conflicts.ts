/** Settings that a stream, which ends with time, cannot have. Pure. */
import { type Block, transportsOf } from './blocks.ts'
import type { Conflict, Transports } from './conflict.ts'
import { asksFrames } from './frames.ts'
import type { Scenario } from './schema.ts'
import { doingOf, endsWithTime, GENERATED, STREAM } from './settings/words.ts'

export function* ofStreams(
  block: Block,
  { keep, target, reportEveryMs }: Scenario,
  transports: Transports,
): Iterable<Conflict> {
  const { durationMs, omitMs, withTransport, files, payloads, sizesBytes } = block
  // What a file has in place of one, and which has been reported, is undefined.
  const workloads = block.workloads?.filter(each => each !== undefined)
  const asked =
    workloads?.some(each => doingOf(each).name === STREAM) ?? (durationMs !== undefined && !asksFrames(block))
  const known = transportsOf(block).flatMap(each => transports.get(each) ?? [])
  const streaming = known.filter(each => each.transfer)
  if (!asked) {
    for (const [setting, value] of [
      ['omit', omitMs],
      ['with', withTransport],
      ['report-every', reportEveryMs],
    ] as const)
      if (value !== undefined)
        yield {
          settings: [setting, 'duration'],
          message: name =>
            `${name(setting)} is for streams, which end with ${name('duration')}; add that, or leave ${name(setting)} out`,
        }
    if (!workloads?.some(endsWithTime)) return
  }
  if (streaming.length === 0) return
  const alone = known.every(each => each.transfer)
  for (const [setting, value] of [
    ['file', files],
    ['payload', payloads?.find(each => each !== GENERATED)],
    ['size', alone ? sizesBytes : undefined],
    ['keep', keep === 'none' ? undefined : keep],
  ] as const)
    if (value !== undefined)
      yield {
        settings: [setting, 'duration'],
        message: name =>
          `a stream ends with ${name('duration')}, and has no ${setting === 'keep' ? 'end that could be saved' : setting === 'payload' ? 'other payload' : setting}; leave ${name(setting)} or ${name('duration')} out`,
      }
  const probing = withTransport === undefined ? undefined : transports.get(withTransport)
  if (probing && !probing.exchange)
    yield {
      settings: ['with', 'transport'],
      message: name =>
        `${name('with', withTransport)}: it answers no messages; choose another, such as ${[...transports.keys()].find(each => transports.get(each)?.exchange)}`,
    }
  if (withTransport !== undefined && target)
    yield {
      settings: ['with', 'target'],
      message: name =>
        `${name('target')} is one port, which speaks one wire format; leave ${name('with')} out`,
    }
  if (omitMs !== undefined && durationMs !== undefined && omitMs >= durationMs)
    yield {
      settings: ['omit', 'duration'],
      message: name => `${name('omit')} leaves nothing of ${name('duration')}; make it shorter`,
    }
  if (target && streaming.some(each => each.traits.socket === 'stream'))
    yield {
      settings: ['target', 'duration'],
      message: name =>
        `other programs have to know the size in advance over TCP, and a stream has none; leave ${name('duration')} out`,
    }
}
