/** Facts that need no statistics: how trials ended, and what the system refused. */
import { longestDatagram } from '../schema/datagrams.ts'
import { BEGINNING_LOST, OUTCOMES } from '../schema/outcome.ts'
import type { RefusalFacts, Troubles } from './comparison.ts'
import type { Part } from './rows.ts'

/** Undefined without a trial. */
export function troublesOf(parts: readonly Part[]): Troubles | undefined {
  if (parts.length === 0) return undefined
  const troubles = { trials: 0, failed: 0, timedOut: 0, damaged: 0, notBegun: 0 }
  const codesOfNotBegun = new Set<string>()
  for (const { trials } of parts) {
    const corrupt = trials.numbers('datagrams_corrupt')
    const offered = trials.numbers('datagrams_offered')
    const intact = trials.numbers('payload_intact')
    troubles.trials += trials.count
    // The texts of a million trials take long.
    const codes = trials.outcomes.some(isUnfinished) ? trials.texts('error_code') : []
    for (let i = 0; i < trials.count; i++) {
      const outcome = OUTCOMES[trials.outcomes[i] ?? -1]
      if (outcome === 'failed') troubles.failed++
      else if (outcome === 'timed-out') troubles.timedOut++
      else {
        // Reordering damages a format without sequence numbers, but not the bytes.
        const isStream = Number.isNaN(offered[i] ?? Number.NaN)
        if ((corrupt[i] ?? 0) > 0 || (isStream && intact[i] === 0)) troubles.damaged++
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

function isUnfinished(outcome: number): boolean {
  return OUTCOMES[outcome] === 'incomplete' || OUTCOMES[outcome] === 'refused'
}

/** Undefined for streams, and without a trial. */
export function refusalsOf(parts: readonly Part[]): RefusalFacts | undefined {
  let [refused, offered, refusedTrials, emulated] = [0, 0, 0, 0]
  let largest: number | undefined
  let smallest: number | undefined
  for (const { trials } of parts) {
    const offers = trials.numbers('datagrams_offered')
    const refusals = trials.numbers('datagrams_refused')
    const sizes = trials.numbers('refused_datagram_bytes')
    const longest = trials.numbers('datagram_bytes')
    const limits = trials.numbers('limit_emulated')
    // Most cells have nothing refused.
    const codes = refusals.some(each => each > 0) ? trials.texts('error_code') : []
    for (let i = 0; i < trials.count; i++) {
      const offer = offers[i] ?? Number.NaN
      if (!(offer > 0)) continue
      offered += offer
      refused += refusals[i] || 0
      const bytes = longestDatagram(trials.cell, longest[i], offer, OUTCOMES[trials.outcomes[i] ?? -1])
      if (codes[i] === 'EMSGSIZE') {
        refusedTrials++
        if (limits[i] === 1) emulated++
        smallest = Math.min(smallest ?? Number.POSITIVE_INFINITY, sizes[i] || bytes)
      } else largest = Math.max(largest ?? 0, bytes)
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
