/** Codes of the cells of one column, found by their bytes: a text is only made of those that were not seen before. */

import { Unusable, valueOfText } from '../schema/value.ts'
import { fieldText } from './csv-text.ts'
import type { Dictionary } from './dictionary.ts'

export interface InternerOptions {
  /** An empty cell makes its row unusable. */
  readonly needed: boolean
  /** What is no value of the column counts as empty. */
  readonly tolerant: boolean
}

/** The most of the slots that are taken before there are twice as many. */
const LOAD = 0.5

export class Interner {
  /** The code of an empty cell. */
  readonly empty: number
  readonly #dictionary: Dictionary
  readonly #tolerant: boolean
  /** The bytes of all distinct cells, one behind the other; entry i ends at #ends[i]. */
  #bytes = new Uint8Array(256)
  #ends = new Uint32Array(16)
  /** By entry; -1 for what makes a row unusable. */
  #codes = new Int32Array(16)
  #slots = new Int32Array(32).fill(-1)
  #size = 0
  /** Of the cell before, where its bytes begin, how many they are, and its code: most cells are equal to the one above them. */
  #lastFrom = 0
  #lastLength = -1
  #lastCode = -1

  constructor(dictionary: Dictionary, { needed, tolerant }: InternerOptions) {
    this.empty = needed ? -1 : 0
    this.#dictionary = dictionary
    this.#tolerant = tolerant
  }

  /**
   * The code in the dictionary of the cell from `start` to before `end`, which is one byte or more; -1 when its row cannot be used.
   */
  codeOf(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    if (length === this.#lastLength) {
      const known = this.#bytes
      const from = this.#lastFrom
      let same = 0
      while (same < length && bytes[start + same] === known[from + same]) same++
      if (same === length) return this.#lastCode
    }
    const entry = this.#find(bytes, start, end)
    this.#lastFrom = this.#ends[entry - 1] ?? 0
    this.#lastLength = length
    this.#lastCode = this.#codes[entry] ?? -1
    return this.#lastCode
  }

  /** The number of the entry of these bytes, a new one for new bytes. */
  #find(bytes: Buffer, start: number, end: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(bytes, start, end) & mask
    for (;;) {
      const entry = this.#slots[slot] ?? -1
      if (entry < 0) return this.#add(bytes, start, end, slot)
      if (this.#isAt(entry, bytes, start, end)) return entry
      slot = (slot + 1) & mask
    }
  }

  #isAt(entry: number, bytes: Buffer, start: number, end: number): boolean {
    const known = this.#bytes
    let at = this.#ends[entry - 1] ?? 0
    if ((this.#ends[entry] ?? 0) - at !== end - start) return false
    for (let from = start; from < end; from++, at++) if (bytes[from] !== known[at]) return false
    return true
  }

  #add(bytes: Buffer, start: number, end: number, slot: number): number {
    const entry = this.#size++
    const from = this.#ends[entry - 1] ?? 0
    const to = from + end - start
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(2 * to))
    if (entry === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(2 * entry))
      this.#codes = grown(this.#codes, new Int32Array(2 * entry))
    }
    this.#bytes.set(bytes.subarray(start, end), from)
    this.#ends[entry] = to
    this.#codes[entry] = this.#codeOfText(fieldText(bytes, start, end))
    this.#slots[slot] = entry
    if (this.#size > this.#slots.length * LOAD) this.#spread()
    return entry
  }

  #codeOfText(text: string): number {
    const value = valueOfText(this.#dictionary.column, text)
    if (value instanceof Unusable) return this.#tolerant ? 0 : -1
    return value === undefined ? this.empty : this.#dictionary.codeOf(value)
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = this.#slots.length - 1
    for (let entry = 0; entry < this.#size; entry++) {
      let slot = hash(this.#bytes, this.#ends[entry - 1] ?? 0, this.#ends[entry] ?? 0) & mask
      while ((this.#slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      this.#slots[slot] = entry
    }
  }
}

/** FNV-1a, with its high bits mixed into the low ones, which choose the slot. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let at = start; at < end; at++) value = Math.imul(value ^ (bytes[at] ?? 0), 0x01000193)
  return value ^ (value >>> 15)
}

function grown<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
