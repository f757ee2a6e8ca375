/** Attributes lost datagrams: examines each place that can drop, and counts each cause. Pure. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { LossCause } from '../../results/schema/outcome.ts'
import type { RelayReport } from '../../transports/impairment/relay.ts'
import type { ReceiveSide, SendSide } from '../fleet/calls/agent-calls.ts'

interface Reports {
  readonly sender?: SendSide | undefined
  readonly receiver?: ReceiveSide | undefined
  readonly relay?: RelayReport | undefined
}

type Columns = Pick<
  TrialRecord,
  'loss_cause' | 'lost_send_queue' | 'lost_receive_buffer' | 'lost_emulated' | 'lost_elsewhere'
>

/** A segmented send (UDP_SEGMENT) is dropped as a whole, and counted once. */
const MOST_IN_ONE_DROP = 64

/** @param lost accepted but not delivered; undefined if unknown */
export function lossCauses(lost: number | undefined, reports: Reports): Columns {
  const refused = reports.sender?.report.datagramsRefused ?? 0
  const { main, ...columns } = lost === undefined ? countQueueDrops(reports) : countCauses(lost, reports)
  return {
    loss_cause: refused > 0 && refused >= (lost ?? 0) ? 'refused by the system' : main,
    ...columns,
  }
}

/** If the receiver does not report, the sender's host still knows what it dropped itself. */
function countQueueDrops({ sender }: Reports): Columns & { readonly main?: LossCause } {
  const { drops, datagramsAccepted = 0 } = sender?.report ?? {}
  const queueDrops = drops?.hostSndbufErrors
  return queueDrops === undefined ? {} : { lost_send_queue: Math.min(queueDrops, datagramsAccepted) }
}

function countCauses(
  lost: number,
  { sender, receiver, relay }: Reports,
): Columns & { readonly main?: LossCause } {
  const { drops, datagrams, state } = receiver?.report ?? {}
  const queueDrops = sender?.report.drops?.hostSndbufErrors
  const bufferDrops = drops?.socketDrops ?? drops?.hostRcvbufErrors
  const cut = (sender?.report.info.segmentedSends ?? 0) > 0
  let left = lost
  const take = (count: number) => {
    const taken = Math.min(left, count)
    left -= taken
    return taken
  }
  // The socket's own counters take precedence over the host's, which may include other programs.
  const damaged = take(datagrams?.corrupt ?? 0)
  const inOne = cut && state?.gro ? MOST_IN_ONE_DROP : 1
  // The receiver's kernel refuses packets whose checksum is wrong, and counts them as drops of the socket.
  const spoilt =
    (drops?.hostInErrors ?? 0) > 0 ? Math.max(0, (relay?.up.corrupted ?? 0) - (datagrams?.corrupt ?? 0)) : 0
  const damagedOnWay = take(spoilt)
  const ofSocket = take(Math.max(0, (drops?.socketDrops ?? 0) - spoilt) * inOne)
  // The truth about the way: hosts may count some of it as theirs.
  const emulated = damagedOnWay + take(relay ? relay.up.lost + relay.up.dropped : 0)
  const receiveBuffer = drops?.socketDrops === undefined ? take((bufferDrops ?? 0) * inOne) : ofSocket
  const late = take(datagrams?.late ?? 0)
  const sendQueue = take((queueDrops ?? 0) * (cut ? MOST_IN_ONE_DROP : 1))
  // Without its counter, the receive buffer may have dropped these.
  const elsewhere = bufferDrops === undefined ? undefined : left
  const main = largest([
    ['receive buffer', receiveBuffer],
    ['send queue', sendQueue],
    ['emulated way', emulated],
    ['late', late],
    ['damaged', damaged],
    [elsewhere === undefined ? undefined : 'elsewhere', left],
  ])
  // If both counters count whole sends, the number of datagrams behind each is unknown.
  const apart = !cut || !bufferDrops || !queueDrops
  return {
    ...(main === undefined ? {} : { main }),
    ...(apart && queueDrops !== undefined ? { lost_send_queue: sendQueue } : {}),
    ...(apart && bufferDrops !== undefined ? { lost_receive_buffer: receiveBuffer } : {}),
    ...(relay ? { lost_emulated: emulated } : {}),
    ...(apart && elsewhere !== undefined ? { lost_elsewhere: elsewhere } : {}),
  }
}

/** The cause with the highest count; the first of equal ones. */
function largest(counts: readonly (readonly [LossCause | undefined, number])[]): LossCause | undefined {
  const [[cause, count] = [undefined, 0]] = counts.toSorted((a, b) => b[1] - a[1])
  return count > 0 ? cause : undefined
}
