/** A `bench serve` as the system sees it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { monotonic } from '../../base/clock.ts'
import type { Server } from './two-hosts.ts'

/** What no file backs, in MiB. */
export function memoryOf(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024
}

export interface LogLine {
  readonly level: string
  readonly event: string
  readonly session?: number
  readonly reason?: string
  readonly trials?: number
}

/** What it has logged; every line has to be one JSON object. */
export function logOf({ stderr }: Server): readonly LogLine[] {
  return stderr
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

/** Waits for what holds sooner or later. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const until = monotonic() + 45_000
  while (!holds()) {
    assert(monotonic() < until, `not in time: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
