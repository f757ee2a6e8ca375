/** `bench receive`: takes and saves what programs that are not ours send. */
import { join } from 'node:path'
import { renderWarnings, type Warning } from '../../results/warnings.ts'
import type { Endpoint } from '../../transports/sockets/sockets.ts'
import type { ReceiveReport, Receiver, Transport } from '../../transports/transport.ts'
import { chooseEngine, engineOf } from '../agent/engine.ts'
import { errorCode, errorMessage, SetupError } from '../errors.ts'
import { checkedFolder } from '../files.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { formatBytes, formatCount, formatMs } from '../units.ts'
import { Bell } from '../waiting.ts'
import { saveTransfer } from './save.ts'
import { DropWatch, receiveAdvice } from './transfer-advice.ts'

export interface ReceiveArguments {
  readonly transport: Transport
  readonly host: string
  readonly port: number
  readonly ipFamily: 4 | 6
  /** Where to save; nothing is saved without it. */
  readonly dir?: string | undefined
  /** Ends after so many transfers. */
  readonly count?: number | undefined
  readonly maxSizeBytes: number
  readonly rcvbufBytes?: number | undefined
  /** Quiet time that ends an unfinished transfer, in ms. */
  readonly drainMs: number
}

export async function receive(
  terminal: Terminal,
  args: ReceiveArguments,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (args.dir !== undefined) await checkedFolder(args.dir, 'dir')
  const session = new Session(terminal, args)
  const { engine } = await chooseEngine('auto')
  await using receiver = await listening(args, engine, signal, report => session.take(report))
  session.watch(receiver, engine)
  terminal.err(`${greeting(args, receiver.endpoint)}\n`)
  await session.over(signal)
  return signal.aborted ? EXIT.interrupted : session.exitCode
}

/** The transfers of one `bench receive`, told and saved in the order in which they end. */
class Session {
  readonly #terminal: Terminal
  readonly #args: ReceiveArguments
  readonly #bell = new Bell()
  #taken = 0
  #unfinished = 0
  #queue: Promise<void> = Promise.resolve()
  #broken: unknown
  #advice: (report: ReceiveReport) => readonly Warning[] = () => []

  constructor(terminal: Terminal, args: ReceiveArguments) {
    this.#terminal = terminal
    this.#args = args
  }

  /** Whose transfers these are, so that what its socket dropped is known. */
  watch(receiver: Receiver, engine: string): void {
    const drops = new DropWatch(receiver)
    const asked = { transport: this.#args.transport, engine, socket: { rcvbufBytes: this.#args.rcvbufBytes } }
    this.#advice = report => receiveAdvice(asked, report, receiver, drops.next())
  }

  take(report: ReceiveReport): void {
    const advice = this.#advice(report)
    // A peer that never began a transfer is told, and does not count as one.
    const began = report.announcedBytes !== undefined || report.complete || report.bytesDelivered > 0
    if (began) this.#taken++
    if (this.#full && this.#taken > (this.#args.count ?? 0)) return
    const number = began ? this.#taken : undefined
    if (!report.complete || report.failure) this.#unfinished++
    this.#queue = this.#queue
      .then(() => this.#tell(report, number, advice))
      .catch(error => {
        this.#broken ??= error
      })
      .finally(() => this.#bell.ring())
  }

  /** @throws SetupError when a transfer could not be saved */
  async over(signal: AbortSignal): Promise<void> {
    while (!this.#full && !signal.aborted && this.#broken === undefined)
      await this.#bell.wait(Number.POSITIVE_INFINITY, signal)
    await this.#queue
    if (this.#broken !== undefined) throw this.#broken
  }

  get exitCode(): ExitCode {
    return this.#unfinished > 0 ? EXIT.failed : EXIT.measured
  }

  get #full(): boolean {
    return this.#args.count !== undefined && this.#taken >= this.#args.count
  }

  /** @param number undefined: no transfer began */
  async #tell(report: ReceiveReport, number: number | undefined, advice: readonly Warning[]): Promise<void> {
    const { dir, transport } = this.#args
    const kept = report.bytesDelivered > 0 ? (report.held?.parts ?? []) : []
    const saved = dir !== undefined && number !== undefined && kept.length > 0
    const path = saved ? await saveTransfer(dir, number, kept) : undefined
    this.#terminal.out(`${describe(report, transport, number)}${path ? `  ${path}` : ''}\n`)
    this.#terminal.err(renderWarnings(advice, { width: this.#terminal.width, color: false }))
  }
}

async function listening(
  args: ReceiveArguments,
  engine: string,
  signal: AbortSignal,
  ended: (report: ReceiveReport) => void,
): Promise<Receiver> {
  const local: Endpoint = { host: args.host, port: args.port, family: args.ipFamily }
  try {
    return await args.transport.receive(await engineOf(engine, undefined), {
      signal,
      local,
      maxSizeBytes: args.maxSizeBytes,
      socket: { rcvbufBytes: args.rcvbufBytes },
      // Memory grows with what arrives: an announced length is not trusted.
      ...(args.dir === undefined ? {} : { holdBytes: 0 }),
      quietMs: args.drainMs,
      ended,
    })
  } catch (error) {
    throw bindError(args, error)
  }
}

function bindError({ transport, host, port }: ReceiveArguments, error: unknown): SetupError {
  const kind = transport.traits.socket === 'stream' ? 'TCP' : 'UDP'
  const what = `cannot bind ${kind} port ${port} at ${host}`
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new SetupError(
        `${what}: already in use; stop the other program, or choose another port with --port`,
      )
    case 'EACCES':
      return new SetupError(`${what}: permission denied; choose a port over 1023 with --port`)
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new SetupError(`${what}: this machine has no such address; give another with --host`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new SetupError(`${what}: this host is unknown; give an address with --host`)
    default:
      return new SetupError(`${what}: ${errorCode(error) ?? errorMessage(error)}`)
  }
}

function greeting({ transport, dir }: ReceiveArguments, endpoint: Endpoint): string {
  const at =
    endpoint.family === 6 ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`
  const loopback = endpoint.host === '127.0.0.1' || endpoint.host === '::1'
  const reach = loopback ? ' (this host only; --host 0.0.0.0 or :: opens it to others)' : ''
  const saving = dir === undefined ? 'nothing is saved without --dir' : `saving to ${join(dir, '')}`
  return `listening for ${transport.name} at ${at}${reach}; ${saving}`
}

/** One line: who, how much, how long, and how whole as far as the protocol tells. */
function describe(report: ReceiveReport, transport: Transport, number: number | undefined): string {
  const { from, announcedBytes, bytesDelivered, firstAt, lastAt, failure } = report
  const announced =
    announcedBytes === undefined || announcedBytes === bytesDelivered
      ? ''
      : ` of ${formatBytes(announcedBytes)}`
  // A small payload comes with one read: that is no duration.
  const time =
    firstAt === undefined || lastAt === undefined || firstAt === lastAt
      ? ''
      : `  in ${formatMs(lastAt - firstAt)}`
  const who = from ? `  from ${from.host} port ${from.port}` : ''
  const count = number === undefined ? '   –' : String(number).padStart(4, '0')
  const stray = report.datagrams?.stray ?? 0
  const others = stray === 0 ? '' : `; ${formatCount(stray)} datagrams of others ignored`
  return `${count}  ${transport.name}${who}  ${formatBytes(bytesDelivered)}${announced}${time}  ${
    failure ? `failed: ${failure.message} (${failure.code})` : wholeness(report, transport)
  }${others}`
}

function wholeness(report: ReceiveReport, transport: Transport): string {
  if (!report.complete) return report.missing === 'end' ? 'incomplete: no end marker came' : 'incomplete'
  if (transport.traits.reliable) return 'complete'
  // Neither checksum nor sequence number: a count is all that these formats give.
  return report.announcedBytes === undefined
    ? 'ended by its marker; the format tells no length'
    : 'complete by its length'
}
