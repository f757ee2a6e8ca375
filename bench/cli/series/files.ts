/** The files of a series of runs: a name for each turn, and which of them go. Only its own ever go: their names and what is known of their runs say so. */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { intervalsPath } from '../../../results/schema/intervals.ts'
import { manifestPath, manifestSchema } from '../../../results/schema/manifest.ts'
import { utcStamp } from '../../measure/run-id.ts'

export interface Kept {
  /** The newest of them: of those with rows, and of those without. */
  readonly runs: number | undefined
  /** Those that began not longer ago. */
  readonly forMs: number | undefined
}

export class SeriesFiles {
  /** What their manifests say: the name without time and extension. */
  readonly series: string
  readonly #folder: string
  readonly #kept: Kept
  /** Names that were looked into, and whether they are of this series. */
  readonly #own = new Map<string, boolean>()
  /** Names of those that have rows. */
  readonly #full = new Set<string>()

  /** @param out `NAME.csv`; its turns have `NAME-<UTC time>.csv` */
  constructor(out: string, kept: Kept) {
    this.series = basename(out).replace(/\.csv$/i, '')
    this.#folder = dirname(out)
    this.#kept = kept
  }

  path(moment: Date): string {
    return join(this.#folder, `${this.series}-${utcStamp(moment)}.csv`)
  }

  /** Removes what is not kept, and what stands beside it. Returns the names. @throws errors of the file system */
  prune(nowMs = Date.now()): readonly string[] {
    const { runs = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY } = this.#kept
    if (runs === Number.POSITIVE_INFINITY && forMs === Number.POSITIVE_INFINITY) return []
    const newestFirst = this.#names().sort().reverse()
    // An outage, whose turns have no row, leaves those before it.
    const newer = { some: 0, none: 0 }
    const old = newestFirst.filter(name => {
      const rank = newer[this.#hasRows(name) ? 'some' : 'none']++
      // A turn that took longer than that leaves what it measured.
      const isOld = rank > 0 && nowMs - this.#timeOf(name) > forMs
      return rank >= runs || isOld
    })
    // It may have changed since it was looked into.
    const gone = old.filter(name => this.#isOwn(name))
    for (const name of gone) {
      const path = join(this.#folder, name)
      // Without the last one it is not known whose the others are.
      for (const each of [path, intervalsPath(path), manifestPath(path)]) rmSync(each, { force: true })
      this.#own.delete(name)
      this.#full.delete(name)
    }
    return gone
  }

  #names(): string[] {
    const there = new Set(readdirSync(this.#folder).filter(name => !Number.isNaN(this.#timeOf(name))))
    for (const name of this.#own.keys())
      if (!there.has(name)) {
        this.#own.delete(name)
        this.#full.delete(name)
      }
    return [...there].filter(name => {
      const isOwn = this.#own.get(name) ?? this.#isOwn(name)
      this.#own.set(name, isOwn)
      return isOwn
    })
  }

  #hasRows(name: string): boolean {
    return this.#full.has(name) || (hasRows(join(this.#folder, name)) && this.#full.add(name).has(name))
  }

  /** NaN for another name. */
  #timeOf(name: string): number {
    if (!name.startsWith(`${this.series}-`)) return Number.NaN
    const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.csv$/.exec(name.slice(this.series.length + 1))
    return stamp ? Date.parse(`${stamp.slice(1, 4).join('-')}T${stamp.slice(4).join(':')}Z`) : Number.NaN
  }

  #isOwn(name: string): boolean {
    const path = join(this.#folder, name)
    try {
      const { data } = manifestSchema.safeParse(JSON.parse(readFileSync(manifestPath(path), 'utf8')))
      return lstatSync(path).isFile() && data?.turn?.series === this.series
    } catch {
      return false
    }
  }
}

/** Whether anything follows the header of a CSV, which is shorter than what is looked at. */
function hasRows(path: string): boolean {
  const bytes = Buffer.alloc(LONGEST_HEADER)
  let length = 0
  try {
    const descriptor = openSync(path, 'r')
    try {
      length = readSync(descriptor, bytes)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return false
  }
  const end = bytes.subarray(0, length).indexOf('\n')
  return end < 0 ? length === LONGEST_HEADER : end + 1 < length
}

const LONGEST_HEADER = 65_536
