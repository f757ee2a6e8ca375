/** Settings that cannot be combined, or not without others, beside those that exclude each other (`blocks.ts`). Pure. */
import { UsageError, unreachable } from '../base/errors.ts'
import { given } from '../base/given.ts'
import { formatBytes, formatCount } from '../base/units.ts'
import { familyOf } from '../transports/contract/addresses.ts'
import { type OptionKind, optionKindOf, optionNames } from '../transports/contract/sockets.ts'
import type { Transport } from '../transports/contract/transport.ts'
import { LARGEST_HELD_BYTES } from '../transports/payload/held-memory.ts'
import { boundsOf } from '../transports/payload/made.ts'
import { type Block, blocksOf, transportsOf } from './blocks.ts'
import { asFlag, type Conflict, type Transports } from './conflict.ts'
import { DEFAULTS } from './defaults.ts'
import { ofEmulation } from './emulation-conflicts.ts'
import { ofEnds } from './end-conflicts.ts'
import { asksFrames, ofFrames } from './frames.ts'
import { ofGroups } from './group-conflicts.ts'
import type { Scenario } from './schema.ts'
import { ROWS, type Row, textOf } from './settings/rows.ts'
import type { Carries } from './settings/setting.ts'
import { GENERATED } from './settings/words.ts'
import { ofStreams } from './stream-conflicts.ts'
import { ofRounds } from './until.ts'

/** What cannot be measured of a scenario to which all overrides have been applied. */
export function conflictsOf(scenario: Scenario, transports: Transports): readonly Conflict[] {
  return [...ofEnds(scenario, transports), ...conflictsOfCases(scenario, transports)]
}

/** Those of its cases alone, wherever their ends are. */
export function conflictsOfCases(scenario: Scenario, transports: Transports): readonly Conflict[] {
  const blocks = blocksOf(scenario)
  return [
    ...ofCount(blocks),
    ...ofRounds(scenario),
    ...blocks.flatMap((block, variant) =>
      [ofEmulation, ofBlock, ofStreams, ofFrames, ofGroups]
        .flatMap(conflicts => [...conflicts(block, scenario, transports)])
        .map(each => ({ ...each, variant })),
    ),
    ...ofKinds(blocks, transports),
  ]
}

/** @throws UsageError for the first one, in the words of a command line */
export function refuse([first]: readonly Conflict[]): void {
  if (first) throw new UsageError(first.message(asFlag))
}

/** More cases would take days to measure, and their table would be unreadable. */
const MOST_CASES = 10_000

function* ofCount(blocks: readonly Block[]): Iterable<Conflict> {
  const counts = blocks.map(block =>
    [
      block.files ?? block.sizesBytes ?? DEFAULTS.sizesBytes,
      block.chunksBytes ?? DEFAULTS.chunksBytes,
      transportsOf(block),
      block.workloads ?? DEFAULTS.workloads,
      block.streams ?? [1],
      block.fps ?? [0],
      block.payloads ?? [GENERATED],
      block.receivers ?? [1],
      block.paths ?? [0],
    ].reduce((product, { length }) => product * length, 1),
  )
  const count = counts.reduce((sum, each) => sum + each, 0)
  if (count > MOST_CASES)
    yield {
      settings: ['size', 'file', 'chunk', 'transport', 'workload'],
      message: name =>
        `${formatCount(count)} cases (sizes or files x chunks x transports) are more than the limit of ${formatCount(MOST_CASES)}; give fewer of ${name('size')}, ${name('chunk')} or ${name('transport')}, or several scenarios`,
    }
}

function* ofBlock(block: Block, scenario: Scenario, transports: Transports): Iterable<Conflict> {
  const { bind, verify, files, payloads = [], sizesBytes = [] } = block
  const { ipFamily } = scenario
  const whole = transportsOf(block).find(each => transports.get(each)?.traits.limit === 'one-datagram')
  const large = sizesBytes.find(bytes => bytes > LARGEST_HELD_BYTES)
  if (whole !== undefined && large !== undefined)
    yield {
      settings: ['size', 'transport'],
      message: name =>
        `${whole} sends the payload in one piece: ${formatBytes(large)} is over its limit of ${formatBytes(LARGEST_HELD_BYTES)}; choose a smaller ${name('size')} or another ${name('transport')}`,
    }
  const least = Math.max(0, ...transportsOf(block).map(each => leastOf(transports.get(each))))
  const small = sizesBytes.find(bytes => bytes < least)
  if (small !== undefined)
    yield {
      settings: ['size', 'transport'],
      message: name =>
        `a request has ${formatBytes(least)} or more there, not ${formatBytes(small)}; choose a larger ${name('size')} or another ${name('transport')}`,
    }
  if (bind !== undefined && ipFamily !== undefined && familyOf(bind) !== ipFamily)
    yield {
      settings: ['bind', 'ip'],
      message: name =>
        `${name('bind', bind)} is an IPv${familyOf(bind)} address, but data go by IPv${ipFamily}; give an IPv${ipFamily} address, or ${name('ip', String(familyOf(bind)))}`,
    }
  const made = payloads.flatMap(each => (each === GENERATED ? [] : [each]))
  const other = files ? 'file' : made.length > 0 ? 'payload' : undefined
  if (verify === 'index' && other)
    yield {
      settings: ['verify', other],
      message: name =>
        `${name('verify', 'index')}: only generated data has chunk indexes, a ${other === 'file' ? 'file does' : `payload of kind ${made[0]} does`} not; leave ${name(other)} out, or choose full or none`,
    }
  for (const kind of made) {
    const { leastBytes, mostBytes } = boundsOf(kind)
    const wrong = (block.sizesBytes ?? DEFAULTS.sizesBytes).find(
      each => each < leastBytes || each > mostBytes,
    )
    if (wrong !== undefined)
      yield {
        settings: ['size', 'payload'],
        message: name =>
          `a payload of kind ${kind} has ${formatBytes(leastBytes)} to ${formatBytes(mostBytes)}, not ${formatBytes(wrong)}; choose another ${name('size')} or ${name('payload')}`,
      }
  }
}

/** The least size of a request, where a transport has nothing else; a payload has any. */
function leastOf(transport: Pick<Transport, 'transfer' | 'exchange'> | undefined): number {
  return transport?.transfer ? 0 : (transport?.exchange?.leastBytes ?? 0)
}

/** The IP version of the cases of a block. */
export function familyOfCases({ ipFamily }: Scenario, { bind, group }: Pick<Block, 'bind' | 'group'>): 4 | 6 {
  const address = bind ?? group
  return address === undefined ? (ipFamily ?? DEFAULTS.ipFamily) : familyOf(address)
}

/** Settings of one kind of transport that no case has: nothing requested is ignored. */
function* ofKinds(blocks: readonly Block[], transports: Transports): Iterable<Conflict> {
  for (const [setting, row] of ROWS) {
    const kind = kindOf(row)
    const { carries: what } = row
    // Pictures may be due for a time, whatever carries them.
    const asking = blocks.filter(block => isAsked(row, block) && !(what === 'timed' && asksFrames(block)))
    const [first] = asking
    if ((kind ?? what) === undefined || !first) continue
    const asked = asking
      .flatMap(block => given(...transportsOf(block), block.withTransport))
      .map(each => transports.get(each))
    // Whoever looks the transport up says that there is none.
    if (asked.includes(undefined)) continue
    const fits = asked.flatMap(each => each ?? [])
    const carriers = fits.filter(each => what === undefined || carries(each, what))
    if (carriers.some(({ traits }) => kind === undefined || kindsOf(traits).includes(kind))) continue
    const value = valueIn(row, first)
    const shown = Array.isArray(value) ? textOf(row, value) : typeof value === 'boolean' ? value : undefined
    const whom =
      carriers.length === 0 && what !== undefined ? CARRIERS[what] : kind === 'stream' ? 'TCP' : 'UDP'
    yield {
      settings: [setting, 'transport'],
      variant: blocks.indexOf(first),
      message: name =>
        `${name(setting, shown)} is for ${whom}, but no transport here uses it; leave it out, or add one with ${name('transport')}${setting === 'rate' ? ` (the kernel paces TCP with ${name('max-pacing')})` : ''}`,
    }
  }
}

/** A group is sent datagrams. */
function kindsOf(traits: Transport['traits']): readonly OptionKind[] {
  return [traits.socket, optionKindOf(traits)]
}

/** The only kind of transport that has a setting; undefined if both have it. */
function kindOf({ kind, option, carries }: Row): OptionKind | undefined {
  if (kind !== undefined || option === undefined || carries === 'group') return kind
  const kinds = (['stream', 'datagram'] as const).filter(each =>
    optionNames(each).some(name => [option].flat().includes(name)),
  )
  return kinds.length === 1 ? kinds[0] : undefined
}

/** Whether it asks for something other than the default. */
function isAsked(row: Row, block: Block): boolean {
  const value = valueIn(row, block)
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'boolean') return value !== (row.initial === 'true')
  return value !== undefined && value !== 'none' && value !== 'default'
}

function valueIn({ field }: Row, block: Block): unknown {
  return block[field as keyof Block]
}

/** Whether a transport can do what a setting is for. */
function carries(
  { transfer, exchange, traits }: Pick<Transport, 'transfer' | 'exchange' | 'traits'>,
  what: Carries,
): boolean {
  switch (what) {
    case 'transfer':
      return transfer !== undefined
    case 'exchange':
      return exchange !== undefined
    case 'stream':
      return transfer?.endless === true
    case 'timed':
      return exchange !== undefined || transfer?.endless === true
    case 'secured':
      return traits.secured === true
    case 'group':
      return traits.fansOut !== undefined
    default:
      return unreachable(what)
  }
}

const CARRIERS: Readonly<Record<Carries, string>> = {
  transfer: 'transports that carry a payload',
  exchange: 'transports that answer messages',
  secured: 'transports inside TLS',
  group: 'transports that send to a group',
  stream: 'transports that can carry a stream',
  timed: 'transports that can carry a stream or answer messages',
}
