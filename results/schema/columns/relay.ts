/** An emulated way: what was asked for, and what the relay between both ends did. */
import { asked, BYTES, COUNT, type ColumnFacts, given, MS, measured, TEXT } from './column.ts'

const LINK = {
  taken: measured(
    COUNT,
    'Datagrams that the relay took, headers and markers included; of a stream by `relay`, bytes; by `tun` and `tc`, IP packets.',
  ),
  lost: measured(COUNT, 'Those that it lost by chance: a datagram is lost if one of its fragments is.'),
  dropped: measured(COUNT, 'Those that it dropped because its queue for the rate was full.'),
  duplicated: measured(COUNT, 'Those of which it made a second copy.'),
  corrupted: measured(COUNT, 'Copies in which it turned a bit.'),
  reordered: measured(COUNT, 'Copies that left at once, ahead of those that wait for their delay.'),
  passed: measured(
    COUNT,
    'Copies that it handed on: taken + duplicated - lost - dropped - refused, less what was still on its way at the end. Of a stream, bytes.',
  ),
  refused: measured(COUNT, 'Copies that the relay’s system refused.'),
} as const

function ofDirection<Direction extends 'up' | 'down'>(direction: Direction) {
  const where = direction === 'up' ? 'From the sender to the receiver' : 'Back from the receiver'
  const named = Object.entries<ColumnFacts>(LINK).map(([name, column]) => [
    `relay_${direction}_${name}`,
    { ...column, meaning: `${where}: ${column.meaning.charAt(0).toLowerCase()}${column.meaning.slice(1)}` },
  ])
  // The names are made as their type says.
  return Object.fromEntries(named) as {
    readonly [Name in keyof typeof LINK as `relay_${Direction}_${Name}`]: (typeof LINK)[Name]
  }
}

export const RELAY_COLUMNS = {
  path: asked(
    { ...TEXT, title: 'path' },
    'Name of the path that was emulated between both ends (`--path`; `bench list paths`); empty for none.',
  ),
  impair: asked(
    { ...TEXT, title: 'way' },
    'The way that was emulated between both ends (`--impair`), with netem’s names; empty for none.',
  ),
  trace: asked(
    { ...TEXT, title: 'trace' },
    'Delivery trace of mahimahi by which packets from the sender left (`--trace`); empty for none.',
  ),
  queue_asked_bytes: asked(
    { ...BYTES, title: 'queue' },
    'Queue of each direction of that path (`--queue`); empty for its own: the larger of 64 KiB and rate x round trip.',
  ),
  impair_with: asked(
    { ...TEXT, title: 'emulated by', values: ['relay', 'tun', 'tc'] },
    'What emulated any of that (`--impair-with`): a `relay` of datagrams and connections, one of IP packets between `tun` devices; or the kernel’s own queues between two namespaces (`tc`). With the last two, losses meet TCP as they meet UDP.',
  ),
  way: given(TEXT, 'The way that was emulated, by `--impair` or `--path`, in the words of `--impair`.'),
  impair_left_out: given(
    TEXT,
    'What of that way was not applied: a relay of streams loses, doubles, damages and reorders nothing, since the sender’s system has been told that it arrived. Such rows are in no ranking.',
  ),
  ...ofDirection('up'),
  ...ofDirection('down'),
  relay_late_ms: measured(
    { ...MS, over: 'most' },
    'The longest that the relay handed something on after it was due: the step of its timers, and what it could not keep up with.',
  ),
  relay_drops: measured(
    COUNT,
    'Datagrams that the relay’s own receive buffers dropped: it could not keep up, and nothing of that is the way’s.',
  ),
} as const
