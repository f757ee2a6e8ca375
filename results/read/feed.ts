/** Hands the bytes of a file or of standard input to a reader, piece by piece. */
import { accessSync, constants, createReadStream, statSync } from 'node:fs'
import { addAbortSignal, Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { encodingOf } from '../../base/encoded-text.ts'
import { UsageError } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'

export interface Consumer {
  /**
   * Takes what it can use of the bytes; the rest is passed again, followed by more.
   * @param last nothing follows them
   * @returns how many it took
   */
  take(bytes: Buffer, last: boolean): number
  /** It needs no more. */
  readonly finished: boolean
}

export interface FeedOptions {
  /** Size of a piece. */
  readonly chunkBytes?: number
  /** What `-` stands for. */
  readonly input?: AsyncIterable<Uint8Array>
  /** Ends it when it aborts. */
  readonly signal?: AbortSignal
  /** Called after each piece; the next one is read when it resolves. */
  readonly between?: () => Promise<void>
}

/** Looks before anything is done, and takes nothing of it. @throws UsageError as `feed`; nothing for standard input */
export function checkReadable(path: string): void {
  if (path === '-') return
  try {
    accessSync(path, constants.R_OK)
    if (statSync(path).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  } catch (thrown) {
    throw feedError(path, thrown)
  }
}

/** Small enough for a processor's cache, and large enough that fetching costs nothing. */
const CHUNK_BYTES = 512 * 1024

/**
 * Hands all bytes of `path` (`-`: standard input) to `consumer`.
 * @throws UsageError when there is no such file, or it cannot be read
 * @throws SetupError when reading fails on the way, or `signal` aborts
 */
export async function feed(path: string, consumer: Consumer, options: FeedOptions = {}): Promise<void> {
  if (path === '') throw new UsageError('cannot read "": the name is empty; name a file')
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of inUtf8(piecesOf(path, options))) {
    if (options.signal?.aborted) throw feedError(path, options.signal.reason)
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece
    const taken = consumer.take(bytes, false)
    if (consumer.finished) return
    rest = bytes.subarray(taken)
    await options.between?.()
  }
  consumer.take(rest, true)
}

/** Decodes other encodings: PowerShell 5.1 redirects into UTF-16. */
async function* inUtf8(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | 'not needed' | undefined
  for await (const piece of pieces) {
    const encoding = encodingOf(piece)
    decoder ??= encoding === 'utf-8' ? 'not needed' : new TextDecoder(encoding)
    yield decoder === 'not needed' ? piece : Buffer.from(decoder.decode(piece, { stream: true }))
  }
}

/** All bytes of a file or of standard input. @throws UsageError, SetupError as `feed` */
export async function* piecesOf(path: string, options: FeedOptions): AsyncGenerator<Buffer> {
  const isFile = path !== '-'
  try {
    const pieces: AsyncIterable<Uint8Array> = isFile
      ? createReadStream(path, { highWaterMark: options.chunkBytes ?? CHUNK_BYTES })
      : standardInput(options)
    for await (const { buffer, byteOffset, byteLength } of pieces)
      yield Buffer.from(buffer, byteOffset, byteLength)
  } catch (thrown) {
    throw feedError(isFile ? path : 'standard input', thrown)
  }
}

/** Only for `-`: the reader of a file must not add listeners there. */
function standardInput({ input = process.stdin, signal }: FeedOptions): AsyncIterable<Uint8Array> {
  return signal && input instanceof Readable ? addAbortSignal(signal, input) : input
}

function feedError(path: string, thrown: unknown): Error {
  return readError(`cannot read ${path}`, thrown, {
    EISDIR: `name the files in it, as ${path.replace(/[/\\]+$/, '')}/*.csv`,
  })
}
