/** What of a fleet could not be measured, in few words: each pair once, and a host that many pairs lack instead of these. Pure. */
import { bySize } from '../../../base/groups.ts'
import { counted, formatCount } from '../../../base/units.ts'

/** So many are named one by one. */
const MOST_NAMED = 6

interface Missed {
  readonly from: string
  readonly to: string
  readonly why: string
}

export class MissingPairs {
  readonly #missed: Missed[] = []

  get any(): boolean {
    return this.#missed.length > 0
  }

  add(from: string, to: string, why: string): void {
    this.#missed.push({ from, to, why })
  }

  /** One for each reason: `d to and from 29 others, 2 times: 192.0.2.7, port 5990: nothing listens there` */
  lines(): readonly string[] {
    return bySize(this.#missed, ({ why }) => why).map(([why, all]) => `${namesOf(all)}: ${why}`)
  }
}

function namesOf(missed: readonly Missed[]): string {
  const [[host, own] = ['', []]] = bySize(
    missed.flatMap(each => [
      { host: each.from, each },
      { host: each.to, each },
    ]),
    ({ host }) => host,
  )
  const ofHost = own.map(({ each }) => each)
  if (waysOf(ofHost).length > MOST_NAMED) {
    const rest = missed.filter(each => !ofHost.includes(each))
    return [hostWords(host, ofHost), ...(rest.length > 0 ? [namesOf(rest)] : [])].join(', ')
  }
  const ways = waysOf(missed)
  const more = ways.length - MOST_NAMED
  return [
    ...ways.slice(0, MOST_NAMED).map(({ from, to, times }) => `${from} to ${to}${timesOf(times)}`),
    ...(more > 0 ? [`${formatCount(more)} more`] : []),
  ].join(', ')
}

function waysOf(missed: readonly Missed[]) {
  return bySize(missed, ({ from, to }) => JSON.stringify([from, to])).map(([, all]) => ({
    from: all[0].from,
    to: all[0].to,
    times: all.length,
  }))
}

/** `d to and from 29 others` */
function hostWords(host: string, missed: readonly Missed[]): string {
  const ways = waysOf(missed)
  const sides = [
    ways.some(({ from }) => from === host) ? 'to' : '',
    ways.some(({ to }) => to === host) ? 'from' : '',
  ]
  const others = new Set(ways.map(({ from, to }) => (from === host ? to : from)))
  const times = [...new Set(ways.map(each => each.times))]
  const often =
    times.length === 1 ? timesOf(times[0] ?? 1) : ` (up to ${formatCount(Math.max(...times))} times)`
  return `${host} ${sides.filter(Boolean).join(' and ')} ${counted(others.size, 'other')}${often}`
}

function timesOf(times: number): string {
  return times > 1 ? ` (${formatCount(times)} times)` : ''
}
