/** Feeds the bytes of a file or of standard input in pieces: the next one is fetched while one is read. */
import { type FileHandle, open } from 'node:fs/promises'
import { addAbortSignal, Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { encodingOf } from '../../base/encoded-text.ts'
import { UsageError } from '../../base/errors.ts'
import { fileError } from '../../base/system-errors.ts'

export interface Consumer {
  /**
   * Takes what it can use of the bytes from `start` to before `end`; the rest is passed again, followed by more.
   * @param last nothing follows `end`
   * @returns where the rest begins
   */
  take(bytes: Buffer, start: number, end: number, last: boolean): number
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
}

/** Small enough for a processor's cache, and large enough that fetching costs nothing. */
const CHUNK_BYTES = 512 * 1024
/** Room before a piece for the begin of a row, which the piece before it ended in. */
const HEAD_BYTES = 16 * 1024

interface Piece {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/**
 * Hands all bytes of `path` (`-`: standard input) to `consumer`.
 * @throws UsageError when there is no such file, or it cannot be read
 * @throws SetupError when reading fails on the way, or `signal` aborts
 */
export async function feed(path: string, consumer: Consumer, options: FeedOptions = {}): Promise<void> {
  let rest = Buffer.alloc(0)
  for await (const piece of inUtf8(piecesOf(path, options))) {
    let { bytes, start, end } = piece
    if (rest.length > start) {
      bytes = Buffer.concat([rest, bytes.subarray(start, end)])
      start = 0
      end = bytes.length
    } else if (rest.length > 0) {
      start -= rest.length
      rest.copy(bytes, start)
    }
    if (options.signal?.aborted) throw readError(path, options.signal.reason)
    const taken = consumer.take(bytes, start, end, false)
    if (consumer.finished) return
    // A copy: the next piece may come into the same bytes.
    rest = Buffer.from(bytes.subarray(taken, end))
  }
  consumer.take(rest, 0, rest.length, true)
}

/** What another encoding's mark begins is decoded: PowerShell 5.1 redirects into UTF-16. */
async function* inUtf8(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let decoder: TextDecoder | 'none needed' | undefined
  for await (const piece of pieces) {
    const bytes = piece.bytes.subarray(piece.start, piece.end)
    const encoding = encodingOf(bytes)
    decoder ??= encoding === 'utf-8' ? 'none needed' : new TextDecoder(encoding)
    if (decoder === 'none needed') yield piece
    else {
      const decoded = Buffer.from(decoder.decode(bytes, { stream: true }))
      yield { bytes: decoded, start: 0, end: decoded.length }
    }
  }
}

function piecesOf(
  path: string,
  { chunkBytes = CHUNK_BYTES, input = process.stdin, signal }: FeedOptions,
): AsyncIterable<Piece> {
  if (path !== '-') return piecesOfFile(path, chunkBytes)
  return piecesOfInput(signal && input instanceof Readable ? addAbortSignal(signal, input) : input)
}

async function* piecesOfInput(input: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  try {
    for await (const each of input) {
      const bytes = Buffer.from(each.buffer, each.byteOffset, each.byteLength)
      yield { bytes, start: 0, end: bytes.length }
    }
  } catch (thrown) {
    throw readError('standard input', thrown)
  }
}

async function* piecesOfFile(path: string, chunkBytes: number): AsyncGenerator<Piece> {
  const handle = await opened(path)
  const fetch = (bytes: Buffer) => handle.read(bytes, HEAD_BYTES, chunkBytes)
  let now = Buffer.allocUnsafeSlow(HEAD_BYTES + chunkBytes)
  let then = Buffer.allocUnsafeSlow(HEAD_BYTES + chunkBytes)
  let next = fetch(now)
  try {
    for (;;) {
      const { bytesRead } = await next
      if (bytesRead === 0) return
      next = fetch(then)
      yield { bytes: now, start: HEAD_BYTES, end: HEAD_BYTES + bytesRead }
      const read = now
      now = then
      then = read
    }
  } catch (thrown) {
    throw readError(path, thrown)
  } finally {
    await next.catch(() => {})
    await handle.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  if (path === '') throw new UsageError('cannot read "": the name is empty; name a file')
  try {
    return await open(path)
  } catch (thrown) {
    throw readError(path, thrown)
  }
}

function readError(path: string, thrown: unknown): Error {
  const check = 'check the path'
  const forbidden = 'make it readable, as with chmod +r'
  return fileError(`cannot read ${path}`, thrown, {
    ENOENT: check,
    ENOTDIR: check,
    ENAMETOOLONG: check,
    ELOOP: check,
    EACCES: forbidden,
    EPERM: forbidden,
    EISDIR: `name the files in it, as ${path.replace(/[/\\]+$/, '')}/*.csv`,
    otherwise: 'copy it to another disk',
  })
}
