/** One transfer of a transport within this process, as a trial drives it: bind, send, settle. */
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ReceiveReport, SendReport, SentCounts } from '../../transports/contract/reports.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'
import type {
  Carrier,
  Payload,
  ReceiveOptions,
  Receiver,
  SendOptions,
} from '../../transports/contract/transport.ts'

export const NEVER: AbortSignal = new AbortController().signal

/** Enough for what these tests send in one go: they ask what is counted, not what a small buffer loses. */
const BUFFER_BYTES = 4 << 20

export function loopback(family: 4 | 6): Endpoint {
  return { host: family === 6 ? '::1' : '127.0.0.1', port: 0, family }
}

/** Where nobody listens: no port that a system gives to whoever asks, as that of a socket just closed, which others may have by now. */
export function nobodyOf(family: 4 | 6): Endpoint {
  return { ...loopback(family), port: 1 }
}

export function receiveOptions(family: 4 | 6, over: Partial<ReceiveOptions> = {}): ReceiveOptions {
  return {
    signal: NEVER,
    local: loopback(family),
    maxSizeBytes: 1 << 30,
    socket: { rcvbufBytes: BUFFER_BYTES },
    ...over,
  }
}

export function sendOptions(over: Partial<SendOptions> = {}): SendOptions {
  return { signal: NEVER, unanswered: NEVER, answerTimeoutMs: 10_000, sent: () => {}, ...over }
}

export interface Transferred {
  readonly sent: SendReport
  readonly received: ReceiveReport
}

export interface TransferOptions {
  readonly family: 4 | 6
  readonly receive?: Partial<ReceiveOptions>
  readonly send?: Partial<SendOptions>
  readonly quietMs?: number
  /** The sender's sockets, where they are not the receiver's. */
  readonly sendSockets?: Sockets
  /** Awaited before the receiver is settled. */
  readonly beforeSettle?: () => Promise<void>
}

/** A whole transfer to a fresh receiver; both ends are gone when it resolves. */
export async function transfer(
  transport: Carrier,
  sockets: Sockets,
  payload: Payload,
  options: TransferOptions,
): Promise<Transferred> {
  await using receiver = await transport.transfer.receive(
    sockets,
    receiveOptions(options.family, options.receive),
  )
  return await deliver(transport, options.sendSockets ?? sockets, receiver, payload, options)
}

/** Sends to a receiver that is there and settles it. An acknowledgement that will not come is called off. */
export async function deliver(
  transport: Carrier,
  sockets: Sockets,
  receiver: Receiver,
  payload: Payload,
  options: TransferOptions,
): Promise<Transferred> {
  const unanswered = new AbortController()
  const calls: SentCounts[] = []
  let sending: Promise<SendReport> | undefined
  const counts = await new Promise<SentCounts>((resolve, reject) => {
    const called = (each: SentCounts) => {
      calls.push(each)
      resolve(each)
    }
    const to = receiver.endpoint
    sending = transport.transfer.send(
      sockets,
      to,
      payload,
      sendOptions({ unanswered: unanswered.signal, ...options.send, sent: called }),
    )
    sending.catch(reject)
  })
  await options.beforeSettle?.()
  const received = await receiver.settle(counts, options.quietMs ?? 200, 10_000)
  if (!received.complete) unanswered.abort()
  const sent = await sending
  assert.ok(sent)
  assert.equal(calls.length, 1, '`sent` is called once')
  assertLaw(sent, received)
  return { sent, received }
}

/** offered = accepted + refused; accepted = delivered + lost, and no loss is negative. */
export function assertLaw(sent: SendReport, received: ReceiveReport): void {
  if (!received.datagrams) return
  const { datagramsOffered = 0, datagramsAccepted = 0, datagramsRefused = 0 } = sent
  assert.equal(datagramsOffered, datagramsAccepted + datagramsRefused)
  assert.ok(received.datagrams.delivered <= datagramsAccepted, 'more delivered than accepted')
  assert.ok(received.bytesDelivered <= sent.bytesAccepted, 'more bytes delivered than accepted')
}

/** All the bytes that were held, in the order of arrival. */
export function heldBytes(report: ReceiveReport): Buffer {
  return Buffer.concat([...(report.held?.parts ?? [])])
}

/** Runs `test`, then holds that no socket, server or timer is open that was not before. One of before may have been closed meanwhile. */
export async function leavesNothingOpen(test: () => Promise<void>): Promise<void> {
  // What was closed in the last turn is gone some turns later.
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  const before = openResources()
  await test()
  for (let turn = 0; turn < 200 && moreThan(before).length > 0; turn++) await nextTurn()
  assert.deepEqual(moreThan(before), [], 'sockets or timers were left open')
}

function moreThan(before: readonly string[]): readonly string[] {
  const known = [...before]
  return openResources().filter(each => {
    const at = known.indexOf(each)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

function openResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter(name => /^(Timeout|UDP|TCP|Pipe|Connect)/.test(name))
}
