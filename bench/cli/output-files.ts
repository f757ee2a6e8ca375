/** Files that a command writes when it ends, opened before it works: whether they can be written is known at once. */
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, statSync } from 'node:fs'
import { systemError } from '../../base/system-errors.ts'
import { openFile, writeWhole } from '../../results/store/open-file.ts'

interface AskedFile {
  readonly path: string
  readonly flag: string
  /** It may replace an existing file even without `force`. */
  readonly replaces?: boolean
}

/** Opens all of these, or none. @param force they may replace existing files @throws UsageError, SetupError */
export function openFiles<Asked extends AskedFile>(asked: readonly Asked[], force: boolean) {
  const files: (Asked & { readonly file: OutputFile })[] = []
  const dispose = () => {
    for (const { file } of files) file[Symbol.dispose]()
  }
  try {
    for (const each of asked)
      files.push({ ...each, file: new OutputFile(each.path, each.flag, force || each.replaces === true) })
  } catch (thrown) {
    dispose()
    throw thrown
  }
  return { files, [Symbol.dispose]: dispose }
}

/** A new file that was not written is removed when this is disposed of; an existing one stays as it was until it is written. */
class OutputFile implements Disposable {
  readonly #path: string
  readonly #flag: string
  readonly #descriptor: number
  readonly #isNew: boolean
  #state: 'open' | 'written' | 'closed' = 'open'
  /** A second signal ends the process at once. */
  readonly #atExit = () => this[Symbol.dispose]()

  constructor(path: string, flag: string, force: boolean) {
    this.#path = path
    this.#flag = flag
    const existing = force ? openExisting(path) : undefined
    this.#isNew = existing === undefined
    this.#descriptor = existing ?? openFile(path, { overwrite: force, flag })
    process.once('exit', this.#atExit)
  }

  /** @throws SetupError */
  write(content: string | Uint8Array): void {
    try {
      if (!this.#isNew) ftruncateSync(this.#descriptor)
      writeWhole(this.#descriptor, Buffer.from(content))
      this.#state = 'written'
    } catch (thrown) {
      const remedies = { otherwise: `name another place with --${this.#flag}` }
      throw systemError(`cannot write to ${this.#path}`, thrown, remedies)
    }
  }

  [Symbol.dispose](): void {
    if (this.#state === 'closed') return
    const isLeft = this.#state === 'open' && this.#isNew && fstatSync(this.#descriptor).isFile()
    this.#state = 'closed'
    process.off('exit', this.#atExit)
    closeSync(this.#descriptor)
    if (isLeft) rmSync(this.#path, { force: true })
  }
}

/** Undefined if there is none that can be written: opening a new one says why. */
function openExisting(path: string): number | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  try {
    return openSync(path, 'r+')
  } catch {
    return undefined
  }
}
