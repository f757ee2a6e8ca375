/** The receiver of one trial: bound before the sender starts, settled after it has sent. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../../../base/clock.ts'
import { describeSystemError } from '../../../../base/system-errors.ts'
import type { ReceiveReport, SentCounts } from '../../../../transports/contract/reports.ts'
import type { Carrier, Progress, Transport } from '../../../../transports/contract/transport.ts'
import { held } from '../../../../transports/engines/held.ts'
import { LARGEST_HELD_BYTES } from '../../../../transports/payload/held-memory.ts'
import { type End, type EndOptions, KEEP_FAILED } from '../../../fleet/agent/end.ts'
import { ReceiverWatch } from '../../../fleet/agent/end-watch.ts'
import { atFreePort } from '../../../fleet/agent/ports.ts'
import type { Prepare, ReceiveSide, Settle } from '../../../fleet/calls/agent-calls.ts'
import { IntervalMeter } from '../../interval-meter.ts'
import type { PayloadStore } from './payload-store.ts'
import { recognize } from './recognition.ts'
import { hearRehearsal, openRehearsal } from './rehearsal.ts'
import { expectationOf } from './verification.ts'

type Report = ReceiveSide['report']

/** The shortest wait for late datagrams, whatever the drain time. */
const SHORTEST_GRACE_MS = 20

/** @throws the system's error if no port is available */
export async function openReceivingEnd(
  work: EndOptions & { readonly transport: Carrier },
  payloads: PayloadStore,
): Promise<End> {
  const { message, transport, sockets, signal, post } = work
  const { trial, payload, local, ports, peer, socket, verify, keepAs, stream } = message
  const meter = stream && new IntervalMeter(trial, stream, post)
  const made =
    payload.kind === 'made' && verify !== 'none' ? await payloads.made(payload, transport) : undefined
  const generated = payload.kind === 'generated' ? await payloads.generated(payload) : undefined
  const options = {
    signal,
    local,
    peer,
    socket,
    maxSizeBytes: mostBytes(message, transport),
    expected: expectationOf(generated, transport.traits.socket, verify),
    holdBytes: isHeld(message) ? payload.sizeBytes : undefined,
  }
  const deferred = message.readLate ? held(sockets) : undefined
  const receiver = await atFreePort(local, ports, at =>
    transport.transfer.receive(deferred?.sockets ?? sockets, { ...options, meter, local: at }),
  )
  const { endpoint } = receiver
  const watch = new ReceiverWatch(transport, endpoint)
  const rehearsal = message.rehearse ? await openRehearsal(transport, sockets, options) : undefined
  // It ends, and its socket closes, before the trial begins, of which alone the counters are to say something.
  if (rehearsal) void hearRehearsal(rehearsal).then(() => watch.restart())

  /** Waits once more for missing datagrams and counts those that arrived too late. Undefined if no time is left. */
  const lateOf = async (delivered: number, { sent, quietMs }: Settle, until: number) => {
    if (delivered < (sent.datagramsAccepted ?? 0)) {
      // Leave time for the report.
      const graceMs = Math.min(Math.max(quietMs, SHORTEST_GRACE_MS), (until - monotonic()) / 2)
      if (graceMs <= 0) return undefined
      await sleep(graceMs, undefined, { signal }).catch(() => {})
    }
    return receiver.late
  }

  return {
    endpoint,
    rehearsal: rehearsal?.endpoint,
    async settle(asked) {
      const { sent, fingerprint, quietMs, deadlineMs } = asked
      const until = monotonic() + deadlineMs
      deferred?.begin()
      const received = await receiver.settle(sent, quietMs, deadlineMs)
      const { info } = receiver
      const { drops, ...spent } = watch.read(info.drops)
      meter?.end(received.lastAt ?? 0, monotonic(), progressOf(received, sent))
      const known = verify === 'none' ? undefined : (made?.fingerprint ?? fingerprint)
      const { held: kept, datagrams, ...rest } = await recognize(received, sent, known, made, transport)
      if (keepAs !== undefined) await keep(keepAs, kept?.parts ?? [])
      const late = datagrams && (await lateOf(datagrams.delivered, asked, until))
      const report: Report = {
        ...rest,
        counted: meter?.counted,
        ...(datagrams ? { datagrams: { ...datagrams, late } } : {}),
        drops,
        state: receiver.state,
        info,
      }
      post({ type: 'receive-report', trial, report, ...spent })
    },
    [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
      return receiver[Symbol.asyncDispose]()
    },
  }
}

/** What had come in the end; datagrams that never came are lost after the last that did. */
function progressOf({ bytesDelivered: bytes, datagrams }: ReceiveReport, sent: SentCounts): Progress {
  return { bytes, datagrams: datagrams?.delivered, advanced: datagrams && sent.datagramsOffered }
}

/** True if the bytes are held: to save them, or to check after the clock has stopped what has no indices. */
function isHeld({ keepAs, payload, verify }: Prepare): boolean {
  return keepAs !== undefined || (payload.kind !== 'generated' && verify !== 'none')
}

/** Limits a sender on another host to what was announced. Not for datagrams, which may arrive twice and are counted separately. */
function mostBytes(message: Prepare, { traits }: Transport): number {
  const { payload, peer } = message
  const most = isHeld(message) ? LARGEST_HELD_BYTES : Number.MAX_SAFE_INTEGER
  return peer !== undefined && traits.socket === 'stream' ? Math.min(payload.sizeBytes, most) : most
}

/** @throws Error with code `KEEP_FAILED`, since this is not a network failure and would recur in each trial */
async function keep(path: string, parts: readonly Buffer[]): Promise<void> {
  // The agent may be ended in the middle: no file may look complete and not be.
  const partial = `${path}.part`
  try {
    await writeFile(partial, parts)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    const remedies = { otherwise: 'name another folder with --keep' }
    const message = describeSystemError(`cannot save what arrived to ${path}`, error, remedies)
    throw Object.assign(new Error(message), { code: KEEP_FAILED })
  }
}
