/** How a way is written: `delay=20ms/5ms/normal;loss=1%;up:rate=5M`, with netem's names. */
import { UsageError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import {
  type BitsPerSecond,
  type Bytes,
  type Milliseconds,
  parseBytes,
  parseDuration,
  parseRate,
} from '../../base/units.ts'
import { type Chance, DISTRIBUTIONS, type Link, type Way } from '../../transports/impairment/spec.ts'
import { type Grammar, text } from './grammar.ts'
import { DURATION, percentOf, percentText, RATE, SIZE } from './units.ts'

const NAMES = ['delay', 'loss', 'duplicate', 'corrupt', 'reorder', 'rate', 'queue', 'mtu'] as const
type Name = (typeof NAMES)[number]
const DIRECTIONS = ['up', 'down'] as const

export const IMPAIR: Grammar<Way> = text(
  'a way',
  'write it as delay=20ms/5ms/normal;loss=1%;rate=50M;queue=64kB, with up: or down: before what is for one direction',
  parseWay,
  formatWay,
  '^.+=.+$',
)

/** @throws UsageError */
function parseWay(written: string): Way {
  const way: Record<(typeof DIRECTIONS)[number], Link> = { up: {}, down: {} }
  const set = new Set<string>()
  for (const item of written.split(';').map(each => each.trim())) {
    const [, direction, name = '', value = ''] = /^(?:(up|down):)?\s*([a-z]+)\s*=\s*(.+)$/.exec(item) ?? []
    const known = NAMES.find(each => each === name)
    if (!known) {
      const near = nearest(name, NAMES)
      throw new UsageError(
        `${JSON.stringify(item)} is not one of ${NAMES.join('=, ')}=${near === undefined ? '' : `; did you mean ${near}?`}`,
      )
    }
    const link = parsed(item, () => PARSERS[known](value))
    for (const each of DIRECTIONS.filter(each => direction === undefined || each === direction)) {
      if (set.has(each + name))
        throw new UsageError(`${item}: ${name} is given twice for ${each}; give it once`)
      set.add(each + name)
      way[each] = { ...way[each], ...link }
    }
  }
  for (const each of DIRECTIONS) checkLink(way[each])
  return way
}

function checkLink({ reorder, delay, queueBytes, rateBps }: Link): void {
  if (reorder && !delay) throw new UsageError('reorder needs a delay that others wait for; add delay=10ms')
  if (queueBytes !== undefined && rateBps === undefined)
    throw new UsageError('queue is of packets that wait for the rate; add rate=50M')
}

function parsed<T>(item: string, parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    throw new UsageError(`${item}: ${thrown.message}`, { cause: thrown })
  }
}

const PARSERS: Readonly<Record<Name, (value: string) => Link>> = {
  delay(value) {
    const [ms = '', ...more] = value.split('/')
    const distribution = DISTRIBUTIONS.find(each => each === more.at(-1))
    const [jitter, correlation, ...rest] = distribution ? more.slice(0, -1) : more
    if (rest.length > 0)
      throw new UsageError(
        `write DELAY/JITTER/CORRELATION/DISTRIBUTION; distributions are ${DISTRIBUTIONS.join(', ')}`,
      )
    if (distribution && jitter === undefined)
      throw new UsageError(`a distribution is of the jitter; write delay=${ms}/5ms/${distribution}`)
    return {
      delay: {
        ms: parseDuration(ms),
        ...(jitter === undefined ? {} : { jitterMs: parseDuration(jitter) }),
        ...(correlation === undefined ? {} : { correlation: parseShare(correlation) }),
        ...(distribution ? { distribution } : {}),
      },
    }
  },
  loss(value) {
    const [model, ...shares] = value.split(':')
    if (model !== 'gemodel') return { loss: parseChance(value) }
    const [toBad, toGood, inBad, inGood, ...rest] = shares.map(parseShare)
    if (toBad === undefined || rest.length > 0)
      throw new UsageError('write gemodel:P:R:1-H:1-K, such as gemodel:1%:10%')
    return { loss: { toBad, toGood: toGood ?? 1 - toBad, inBad: inBad ?? 1, inGood: inGood ?? 0 } }
  },
  duplicate: value => ({ duplicate: parseChance(value) }),
  corrupt: value => ({ corrupt: parseChance(value) }),
  reorder: value => ({ reorder: parseChance(value) }),
  rate: value => ({ rateBps: parseRate(value) }),
  queue: value => ({ queueBytes: atLeast(parseBytes(value), 1) }),
  mtu: value => ({ mtuBytes: atMost(atLeast(parseBytes(value), 68), 65_535) }),
}

function parseChance(value: string): Chance {
  const [share = '', correlation, ...rest] = value.split('/')
  if (rest.length > 0) throw new UsageError('write SHARE/CORRELATION')
  return {
    share: parseShare(share),
    ...(correlation === undefined ? {} : { correlation: parseShare(correlation) }),
  }
}

/** From 0 to 1, both included. @throws UsageError */
function parseShare(text: string): number {
  const share = percentOf(text.trim())
  if (share !== undefined && share <= 1) return share
  throw new UsageError(`not a share: ${JSON.stringify(text)}; write it with a percent sign, such as 0.5%`)
}

function atLeast(bytes: number, least: number): number {
  if (bytes >= least) return bytes
  throw new UsageError(`too small; give ${least} bytes or more`)
}

function atMost(bytes: number, most: number): number {
  if (bytes <= most) return bytes
  throw new UsageError(`too large; give ${most} bytes or less`)
}

/** What both directions have is written once. */
function formatWay({ up, down }: Way): string {
  const [ofUp, ofDown] = [linkItems(up), linkItems(down)]
  const common = ofUp.filter(each => ofDown.includes(each))
  const own = (items: readonly string[], direction: string) =>
    items.filter(each => !common.includes(each)).map(each => `${direction}:${each}`)
  return [...common, ...own(ofUp, 'up'), ...own(ofDown, 'down')].join(';')
}

function linkItems({ delay, loss, rateBps, queueBytes, mtuBytes, ...chances }: Link): readonly string[] {
  const { duplicate, corrupt, reorder } = chances
  const item = (name: Name, value: string | undefined) => (value === undefined ? [] : [`${name}=${value}`])
  return [
    ...item(
      'delay',
      delay &&
        [
          duration(delay.ms),
          ...(delay.jitterMs === undefined ? [] : [duration(delay.jitterMs)]),
          ...(delay.correlation === undefined ? [] : [percentText(delay.correlation)]),
          ...(delay.distribution === undefined ? [] : [delay.distribution]),
        ].join('/'),
    ),
    ...item('loss', loss && ('share' in loss ? formatChance(loss) : formatGilbert(loss))),
    ...item('duplicate', duplicate && formatChance(duplicate)),
    ...item('corrupt', corrupt && formatChance(corrupt)),
    ...item('reorder', reorder && formatChance(reorder)),
    ...item('rate', rateBps === undefined ? undefined : RATE.format(rateBps as BitsPerSecond)),
    ...item('queue', queueBytes === undefined ? undefined : SIZE.format(queueBytes as Bytes)),
    ...item('mtu', mtuBytes === undefined ? undefined : String(mtuBytes)),
  ]
}

function formatGilbert({ toBad, toGood, inBad, inGood }: Extract<Link['loss'], { toBad: number }>): string {
  return `gemodel:${[toBad, toGood, inBad, inGood].map(percentText).join(':')}`
}

function formatChance({ share, correlation }: Chance): string {
  return [share, ...(correlation === undefined ? [] : [correlation])].map(percentText).join('/')
}

function duration(ms: number): string {
  return DURATION.format(ms as Milliseconds)
}
