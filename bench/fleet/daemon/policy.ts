/** Decides what a client may do at a server, and what it may not choose. Pure. */

import { unreachable } from '../../../base/errors.ts'
import { given } from '../../../base/given.ts'
import { formatBytes, formatMs, formatRate } from '../../../base/units.ts'
import { LARGEST_PICTURE_BYTES } from '../../../scenarios/frames.ts'
import { doingOf, FRAMES, RESPONSIVENESS, TRANSFER } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { familyOf, withoutZone } from '../../../transports/contract/addresses.ts'
import { LARGEST_HELD_BYTES } from '../../../transports/payload/held-memory.ts'
import { boundsOf } from '../../../transports/payload/made.ts'
import type { FromClient, Prepare, ToAgent } from '../calls/agent-calls.ts'

export interface Limits {
  readonly maxSessions: number
  readonly maxSizeBytes: number
  /** The most that the server's agents send; undefined for no limit. */
  readonly maxRateBps: number | undefined
  /** Longest duration of a trial, from its preparation to its report; what announces how long it sends has some seconds for the rest. */
  readonly maxDurationMs: number
  /** A session without messages ends after this. */
  readonly idleTimeoutMs: number
  /** Ports for data, both inclusive; undefined to let the system choose. */
  readonly ports: readonly [number, number] | undefined
  /** The only local address for data; undefined for the one that the client connected to. */
  readonly bind?: string | undefined
  /** The only interface; undefined to follow the routes. */
  readonly device?: string | undefined
}

/** The addresses of a session's data. */
export interface Premises {
  /** The local address that the client connected to. */
  readonly localHost: string
  /** The client's address, proven by its control connection. */
  readonly peerHost: string
}

/** Until a visit: a client that came over a NATS server has shown no address. */
const NOBODY_VISITED =
  'no other host is known to this session yet: one that comes over a NATS server sends its data to a host that it has visited'

/** The message to pass to an agent in place of the client's, or why there is none. */
export type Verdict = { readonly allowed: ToAgent } | { readonly denied: string }

/**
 * What a client may say at all is the column `client` of the table of calls. This adds what only the running server knows: its limits and
 * addresses. A limit is an answer in words here; in a schema it would end the session.
 * @param premises undefined while the session knows no address @param sendTo the only hosts that data may be sent to, each with the local address to send from
 */
export function judge(
  message: FromClient,
  limits: Limits,
  premises: Premises | undefined,
  sendTo: ReadonlyMap<string, string>,
  catalog: Catalog,
): Verdict {
  switch (message.type) {
    case 'prepare':
      return premises ? judgePrepare(message, limits, premises, catalog) : { denied: NOBODY_VISITED }
    case 'warm-up': {
      const chunkBytes = Math.min(message.chunkBytes, limits.maxSizeBytes, MOST_CHUNK_BYTES)
      return { allowed: { ...message, chunkBytes } }
    }
    case 'go':
      return premises ? judgeGo(message, sendTo) : { denied: NOBODY_VISITED }
    case 'settle':
    case 'unanswered':
    case 'abort':
      return { allowed: message }
    default:
      return unreachable(message)
  }
}

function judgeGo(message: Client<'go'>, sendTo: ReadonlyMap<string, string>): Verdict {
  // Use the zone of a link-local address as seen on this host.
  const known = [...sendTo].find(([each]) => withoutZone(each) === withoutZone(message.to.host))
  if (!known)
    return {
      denied: `this server sends only to ${[...sendTo.keys()].join(', ')}, whose addresses have been confirmed`,
    }
  const [host, from] = known
  // This host may have several addresses: the other one accepts data only from the one that it knows.
  return { allowed: { ...message, to: { ...message.to, host }, from } }
}

function judgePrepare(
  message: Client<'prepare'>,
  limits: Limits,
  premises: Premises,
  catalog: Catalog,
): Verdict {
  const denied = objection(message, limits, catalog) ?? objectToPlace(message, limits, premises, catalog)
  if (denied !== undefined) return { denied }
  const { payload } = message
  const family = familyOf(premises.localHost)
  const prepare: Prepare = {
    ...message,
    ...(limits.device === undefined ? {} : { socket: { ...message.socket, device: limits.device } }),
    payload: payload.kind === 'file' ? { ...payload, path: '' } : payload,
    local: { host: premises.localHost, port: 0, family },
    ...(limits.ports ? { ports: [...limits.ports] } : {}),
    peer: premises.peerHost,
  }
  return { allowed: prepare }
}

/** Bounds an agent's memory: it holds some chunks, and the kernel the buffers of a socket. */
const MOST_CHUNK_BYTES = 16 * 1024 * 1024
const MOST_BUFFER_BYTES = 64 * 1024 * 1024

type Client<Type extends FromClient['type']> = Extract<FromClient, { type: Type }>

function objection(
  {
    role,
    workload = TRANSFER,
    transport,
    engine,
    payload,
    rateBps,
    requests,
    frames,
    stream,
    socket,
  }: Client<'prepare'>,
  { maxSizeBytes, maxRateBps, maxDurationMs }: Limits,
  { transports, engines }: Catalog,
): string | undefined {
  // Each of them has limits of its own, which another must not lift.
  if (given(requests, frames, stream).length > 1) return 'a trial is of requests, of pictures or of a stream'
  const { most = 0, intervalMs: everyMs = 0 } = requests ?? {}
  const longer = `this server runs trials of at most ${formatMs(maxDurationMs)} (--max-duration)`
  if (((stream ?? requests ?? frames)?.durationMs ?? 0) > maxDurationMs)
    return `${longer}; choose a shorter --duration`
  if (most * everyMs > maxDurationMs) return `${longer}; choose fewer --messages or a shorter --interval`
  if (frames && frames.most * (frames.everyMs ?? 0) > maxDurationMs)
    return `${longer}; choose fewer --frames, a shorter --duration or more --fps`
  // A stream is held nowhere.
  const heldBytes = stream ? 0 : payload.sizeBytes
  if (heldBytes > maxSizeBytes || payload.chunkBytes > maxSizeBytes)
    return `this server takes payloads of at most ${formatBytes(maxSizeBytes)} (--max-size)`
  const { traits } = transports.get(transport) ?? {}
  const chunkBytes = traits?.limit === 'one-datagram' ? payload.sizeBytes : payload.chunkBytes
  if (chunkBytes > MOST_CHUNK_BYTES)
    return `this server takes chunks of at most ${formatBytes(MOST_CHUNK_BYTES)}`
  if (Math.max(socket.rcvbufBytes ?? 0, socket.sndbufBytes ?? 0) > MOST_BUFFER_BYTES)
    return `this server takes socket buffers of at most ${formatBytes(MOST_BUFFER_BYTES)}`
  const bounds = payload.kind === 'made' ? boundsOf(payload.made) : undefined
  if (bounds && (payload.sizeBytes < bounds.leastBytes || payload.sizeBytes > bounds.mostBytes))
    return `a payload of that kind has ${formatBytes(bounds.leastBytes)} to ${formatBytes(bounds.mostBytes)}`
  if (payload.kind === 'file' && payload.sizeBytes > LARGEST_HELD_BYTES)
    return `a file that is received is held in memory: at most ${formatBytes(LARGEST_HELD_BYTES)}`
  if (doingOf(workload).name === FRAMES && payload.sizeBytes > LARGEST_PICTURE_BYTES)
    return `pictures in a row are held in memory: at most ${formatBytes(LARGEST_PICTURE_BYTES)} each`
  // Whoever answers sends as much as whoever asks.
  if (requests && maxRateBps !== undefined) {
    const { intervalMs = 0 } = requests
    return (wireBytes(payload.sizeBytes) * 8000) / intervalMs <= maxRateBps
      ? undefined
      : `this server sends at most ${formatRate(maxRateBps)} (--max-rate), headers included; ask less often with --interval`
  }
  if (role === 'receive') return undefined
  if (payload.kind === 'file') return 'a server sends only generated payloads, not files'
  if (maxRateBps === undefined) return undefined
  // Pacing begins anew with each picture, whose first chunk leaves at once.
  if (frames && takesMs({ payload }, { maxRateBps }) > (frames.everyMs ?? 0))
    return `this server sends at most ${formatRate(maxRateBps)} (--max-rate), headers included; ask for smaller pictures, or for fewer a second with --fps`
  if (doingOf(workload).name === RESPONSIVENESS)
    return `this server sends at most ${formatRate(maxRateBps)} (--max-rate), and responsiveness needs all that there is; measure only to it, or start it without --max-rate`
  // We pace UDP ourselves; TCP is paced by the kernel, which not every engine can request.
  const kernel = engines.asksKernel(engine) ? socket.maxPacingBps : undefined
  // A UDP rate counts payload only: add its headers.
  const datagrams = rateBps && (rateBps * wireBytes(chunkBytes + (traits?.headerBytes ?? 0))) / chunkBytes
  const rate = (traits?.socket === 'stream' ? kernel : datagrams) ?? Number.POSITIVE_INFINITY
  return rate <= maxRateBps
    ? undefined
    : `this server sends at most ${formatRate(maxRateBps)} (--max-rate), headers included; pace with --rate, and TCP with --max-pacing`
}

/** Why the data would not use the address and interface that the server was given; undefined if they would. */
function objectToPlace(
  { engine, group, transport }: Client<'prepare'>,
  { bind, device, ports }: Limits,
  { localHost }: Premises,
  { engines, transports }: Catalog,
): string | undefined {
  if (bind !== undefined && bind !== localHost)
    return `this server takes and sends data at ${bind} only (--bind), and was reached at ${localHost}; name it as ${bind}`
  if (device !== undefined && !engines.asksKernel(engine))
    return `this server binds its data to ${device} (--interface), which its ${engine} engine cannot; choose another with --engine`
  if (!group) return undefined
  if (!transports.get(transport)?.traits.fansOut) return `${transport} is not received from a group`
  if (group.host.includes(':') !== localHost.includes(':'))
    return `this server was reached at ${localHost}, and can join only a group of that IP version, not ${group.host}`
  if (ports && group.port > 0 && (group.port < ports[0] || group.port > ports[1]))
    return `this server receives at ports ${ports[0]} to ${ports[1]} only (--udp-ports), not at ${group.port}`
  return undefined
}

/** How long a trial sends, as far as its client announces it, in ms; at most --max-duration. */
export function announcedMs({
  requests,
  frames,
  stream,
}: Pick<Client<'prepare'>, 'requests' | 'frames' | 'stream'>): number {
  const { most = 0, intervalMs = 0 } = requests ?? {}
  const dueMs = frames ? frames.most * (frames.everyMs ?? 0) : most * intervalMs
  return Math.max(dueMs, (stream ?? requests ?? frames)?.durationMs ?? 0)
}

/** Ethernet, IPv6 and UDP headers: the largest case. */
const HEADER_BYTES = 14 + 40 + 8

function wireBytes(chunkBytes: number): number {
  return chunkBytes + HEADER_BYTES
}

/**
 * How long what a client prepares takes at the maximum rate, in ms, including headers; nothing more is sent until then. 0 without a limit,
 * and for a stream, which takes its own time.
 */
export function takesMs(
  {
    payload: { sizeBytes, chunkBytes },
    frames,
    stream,
  }: Pick<Client<'prepare'>, 'payload'> & Partial<Pick<Client<'prepare'>, 'frames' | 'stream'>>,
  { maxRateBps }: Pick<Limits, 'maxRateBps'>,
): number {
  if (maxRateBps === undefined || stream) return 0
  const datagrams = Math.max(1, Math.ceil(sizeBytes / chunkBytes))
  return ((frames?.most ?? 1) * (sizeBytes + datagrams * HEADER_BYTES) * 8000) / maxRateBps
}
