/** A text that grows in a file, row by row. */
import { closeSync, fstatSync, ftruncateSync, readSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { SetupError } from '../../base/errors.ts'
import { systemError } from '../../base/system-errors.ts'
import { writeWhole } from './open-file.ts'

/** Where an encoded text goes. */
export interface TextOutput {
  /** Whether it takes a footer back when the next row comes. Otherwise that comes at the end only. */
  readonly seekable: boolean
  /** @param kept what a failure leaves */
  append(text: string, footer: string, kept?: string): void
  end(footer: string): void
}

/** A text that grows before its footer. After a failed write it is what it was before it. */
export class TextFile implements TextOutput, Disposable {
  readonly seekable: boolean
  #failed = false
  #open = true
  readonly #path: string
  readonly #descriptor: number
  /** Bytes before the footer. */
  #end = 0
  #footer = ''

  /** @param descriptor is closed when this is ended or disposed of */
  constructor(path: string, descriptor: number) {
    this.#path = path
    this.#descriptor = descriptor
    this.seekable = fstatSync(descriptor).isFile()
  }

  /** Writes `text` over the footer and `footer` behind it, in one write where the system takes it whole. @throws SetupError */
  append(text: string, footer = '', kept = 'nothing was kept'): void {
    try {
      this.#writeAll(Buffer.from(text + footer), this.#end)
    } catch (thrown) {
      this.#failed = true
      this.#restore()
      throw writeError(this.#path, thrown, kept)
    }
    this.#failed = false
    this.#end += Buffer.byteLength(text)
    this.#footer = footer
  }

  /** Writes the last footer, unless the row before it failed, and closes the file. */
  end(footer: string): void {
    try {
      if (!this.#failed) this.append('', footer)
      this.#checkPlace()
    } finally {
      this[Symbol.dispose]()
    }
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#descriptor)
    this.#open = false
  }

  /** @throws SetupError when another run has put its own file in our place: the rows are in one beside it then */
  #checkPlace(): void {
    if (!this.seekable) return
    const ours = fstatSync(this.#descriptor)
    const there = statSync(this.#path, { throwIfNoEntry: false })
    if (there && isSameFile(there, ours)) return
    const bytes = Buffer.alloc(ours.size)
    readSync(this.#descriptor, bytes, 0, bytes.length, 0)
    const beside = `${this.#path}.${process.pid}`
    writeFileSync(beside, bytes, { flag: 'wx' })
    throw new SetupError(
      `${this.#path} was ${there ? 'replaced by another run' : 'removed'} while this one wrote it; its rows are in ${beside}`,
    )
  }

  #writeAll(bytes: Buffer, start: number): void {
    writeWhole(this.#descriptor, bytes, this.seekable ? start : undefined)
  }

  /** A part of a row must not stay. The footer's bytes are the file's own already, so they fit on a full disk. */
  #restore(): void {
    if (!this.seekable) return
    try {
      const footer = Buffer.from(this.#footer)
      ftruncateSync(this.#descriptor, this.#end + footer.length)
      this.#writeAll(footer, this.#end)
    } catch {
      // The first error is the one to report.
    }
  }
}

function writeError(path: string, thrown: unknown, kept: string): SetupError {
  const elsewhere = 'name another place with --out'
  const remedies = {
    EAGAIN: ['the reader of this pipe has stopped reading', elsewhere],
    otherwise: elsewhere,
  } as const
  return systemError(`cannot write to ${path}`, thrown, remedies, kept)
}

/**
 * Whether two descriptions are of one file. On Windows the device has 64 bits by a path and 32 by a descriptor, depending on the version of
 * Windows and of libuv (libuv/libuv#4698), so that the file's number alone decides.
 */
export function isSameFile(
  one: Pick<Stats, 'ino' | 'dev'>,
  other: Pick<Stats, 'ino' | 'dev'>,
  platform = process.platform,
): boolean {
  return one.ino === other.ino && (platform === 'win32' || one.dev === other.dev)
}
