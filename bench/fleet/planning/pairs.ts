/** Which hosts of a fleet are measured with which, as a flag says it. Pure. */
import { UsageError } from '../../../base/errors.ts'
import { suggestion } from '../../../base/nearest.ts'
import type { FleetHost } from './hosts-file.ts'
import type { HostPair } from './rounds.ts'

/** No host, or no pair, is what was asked for. */
export class NoPairError extends UsageError {}

/**
 * `all`; `across:zone`, `within:zone`: hosts that have the label, whose value differs, or is the same; or `a>b`, `zone=x>*`: from one to another, each a name, a
 * label with its value, or all. `<>` is both ways.
 * @throws UsageError; NoPairError for what names no host, or no pair
 */
export function pairsOf(
  hosts: readonly Pick<FleetHost, 'name' | 'labels'>[],
  asked: readonly string[],
): readonly HostPair[] {
  const found = asked.flatMap(each => termPairs(hosts, each))
  const pairs = [...new Map(found.map(pair => [pair.join(), pair])).values()]
  if (pairs.length === 0)
    throw new NoPairError(`--pairs ${asked.join(',')}: no two hosts are a pair of that; choose others`)
  return pairs
}

function termPairs(hosts: readonly Pick<FleetHost, 'name' | 'labels'>[], asked: string): readonly HostPair[] {
  const between = (isPair: (from: number, to: number) => boolean) =>
    hosts.flatMap((_, from) =>
      hosts.flatMap((_, to): HostPair[] => (from !== to && isPair(from, to) ? [[from, to]] : [])),
    )
  if (asked === 'all') return between(() => true)
  const [, relation, label = ''] = /^(across|within):(.+)$/.exec(asked) ?? []
  if (relation !== undefined) {
    const values = hosts.map(({ labels }) => (Object.hasOwn(labels, label) ? labels[label] : undefined))
    const labelled = [...new Set(hosts.flatMap(({ labels }) => Object.keys(labels)))]
    if (values.every(each => each === undefined))
      throw new NoPairError(
        `--pairs ${asked}: no host has a label ${JSON.stringify(label)}${labelled.length > 0 ? suggestion(label, labelled) : '; give hosts labels in their file'}`,
      )
    // A host without the label is neither in the zone of another one nor in another zone.
    const isLabelled = (...hosts: readonly number[]) => hosts.every(each => values[each] !== undefined)
    return between(
      (from, to) => isLabelled(from, to) && (values[from] === values[to]) === (relation === 'within'),
    )
  }
  const [, left = '', both, right = ''] = /^([^<>]+)(<)?>([^<>]+)$/.exec(asked) ?? []
  if (left === '')
    throw new UsageError(
      `--pairs ${asked}: write all, across:LABEL, within:LABEL, or A>B with names, LABEL=VALUE or *`,
    )
  const [senders, receivers] = [chosen(hosts, left.trim(), asked), chosen(hosts, right.trim(), asked)]
  return between(
    (from, to) =>
      (senders.has(from) && receivers.has(to)) ||
      (both !== undefined && receivers.has(from) && senders.has(to)),
  )
}

function chosen(
  hosts: readonly Pick<FleetHost, 'name' | 'labels'>[],
  word: string,
  asked: string,
): ReadonlySet<number> {
  const [, label, value] = /^([^=]+)=(.*)$/.exec(word) ?? []
  const isChosen = ({ name, labels }: Pick<FleetHost, 'name' | 'labels'>) =>
    label === undefined ? word === '*' || word === name : labels[label] === value
  const found = hosts.flatMap((host, index) => (isChosen(host) ? [index] : []))
  if (found.length > 0) return new Set(found)
  const names = hosts.map(({ name }) => name)
  const known =
    label === undefined
      ? names
      : hosts.flatMap(({ labels }) => Object.entries(labels).map(each => each.join('=')))
  throw new NoPairError(
    `--pairs ${asked}: no host is ${JSON.stringify(word)}${suggestion(word, [...new Set(known)])}`,
  )
}
