/** Facts that need no statistics: how trials ended, and what the system refused. */
import type { CellTrials } from '../read/trial-set.ts'
import { isPartRefused, longestDatagram } from '../schema/datagrams.ts'
import { BEGINNING_LOST, OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import type { RefusalFacts, Troubles } from './comparison.ts'
import type { Part } from './rows.ts'

/** Undefined without a trial. */
export function troublesOf(parts: readonly Part[]): Troubles | undefined {
  if (parts.length === 0) return undefined
  const troubles = { trials: 0, failed: 0, timedOut: 0, damaged: 0, notBegun: 0 }
  const codesOfNotBegun = new Set<string>()
  for (const { trials } of parts) {
    const offered = trials.numbers('datagrams_offered')
    const isDamaged = damagedTrials(trials)
    troubles.trials += trials.count
    const codes = codesOf(trials, 'incomplete', 'refused')
    for (let i = 0; i < trials.count; i++) {
      const outcome = OUTCOMES[trials.outcomes[i] ?? -1]
      if (isDamaged(i)) troubles.damaged++
      if (outcome === 'failed') troubles.failed++
      else if (outcome === 'timed-out') troubles.timedOut++
      else {
        const code = codes[i] ?? ''
        if (BEGINNING_LOST.includes(code) || (outcome === 'refused' && offered[i] === 0)) {
          troubles.notBegun++
          codesOfNotBegun.add(code)
        }
      }
    }
  }
  return { ...troubles, notBegunCodes: [...codesOfNotBegun].filter(Boolean) }
}

/**
 * Whether damaged bytes arrived in a trial, however it ended: over a stream that brought all of them, or in datagrams that passed their
 * checksum. Reordering damages a format without sequence numbers, but not the bytes.
 */
export function damagedTrials(trials: CellTrials): (index: number) => boolean {
  const codes = codesOf(trials, 'failed')
  const corrupt = trials.numbers('datagrams_corrupt')
  const offered = trials.numbers('datagrams_offered')
  const intact = trials.numbers('payload_intact')
  return index => {
    const isStream = Number.isNaN(offered[index] ?? Number.NaN)
    const isWhole = OUTCOMES[trials.outcomes[index] ?? -1] === 'completed'
    return (
      codes[index] === 'DAMAGED' || (corrupt[index] ?? 0) > 0 || (isStream && isWhole && intact[index] === 0)
    )
  }
}

/** None where no trial ended so: the texts of a million trials take long. */
function codesOf(trials: CellTrials, ...outcomes: readonly OutcomeKind[]): readonly (string | undefined)[] {
  const wanted = outcomes.map(each => OUTCOMES.indexOf(each))
  return trials.outcomes.some(each => wanted.includes(each)) ? trials.texts('error_code') : []
}

/** With headers and markers that were refused, of which nothing else is counted. Undefined for streams, and without a trial. */
export function refusalsOf(parts: readonly Part[]): RefusalFacts | undefined {
  let [refused, offered, refusedTrials, emulated] = [0, 0, 0, 0]
  let largest: number | undefined
  let smallest: number | undefined
  for (const { trials } of parts) {
    const offers = trials.numbers('datagrams_offered')
    const accepted = trials.numbers('datagrams_accepted')
    const refusals = trials.numbers('datagrams_refused')
    const sizes = trials.numbers('refused_datagram_bytes')
    const longest = trials.numbers('datagram_bytes')
    const limits = trials.numbers('limit_emulated')
    const codes = codesOf(trials, 'refused')
    for (let i = 0; i < trials.count; i++) {
      const outcome = OUTCOMES[trials.outcomes[i] ?? -1]
      const offer = offers[i] || 0
      const part = Number(isPartRefused(outcome, refusals[i]))
      if (offer + part === 0) continue
      offered += offer + part
      refused += (refusals[i] || 0) + part
      const bytes = longestDatagram(trials.cell, longest[i], offer, outcome)
      if (codes[i] === 'EMSGSIZE') {
        refusedTrials++
        if (limits[i] === 1) emulated++
        smallest = Math.min(smallest ?? Number.POSITIVE_INFINITY, sizes[i] || bytes)
      } else if ((accepted[i] ?? offer) > 0) largest = Math.max(largest ?? 0, bytes)
    }
  }
  if (offered === 0) return undefined
  return {
    refused,
    offered,
    ...(largest === undefined ? {} : { largestAcceptedBytes: largest }),
    ...(smallest === undefined ? {} : { smallestRefusedBytes: smallest }),
    ...(refusedTrials > 0 && emulated === refusedTrials ? { emulated: true } : {}),
  }
}
