/** What every transport has to do over every engine. A case is left out only where the transport's own traits rule it out, or those of the engine. */
import { describe, it } from 'node:test'
import { carrierOf } from '../../transports/catalog.ts'
import { obstacleOf, type Sockets } from '../../transports/contract/sockets.ts'
import type { Carrier, Transport } from '../../transports/contract/transport.ts'
import { leavesNothingOpen } from '../support/transfers.ts'
import { byteCases } from './bytes.ts'
import { abortCases, lifetimeCases, silenceCases } from './endings.ts'
import { endlessCases } from './endless.ts'
import { exchangeCases } from './exchanges.ts'
import { groupCases } from './groups.ts'
import { intruderCases, isolationCases } from './isolation.ts'
import { refusalCases } from './refusals.ts'
import { sequenceCases } from './sequence.ts'

export interface Subject {
  readonly transport: Carrier
  readonly sockets: Sockets
  readonly family: 4 | 6
}

/** A sentence about the subject -> the test of it. Cases that the traits rule out are not in it. */
export type Cases = Readonly<Record<string, () => Promise<void>>>

/** Longer than any case takes; only a hang reaches it. */
const HANG_MS = 30_000

/** @param leftOut sentences that the system below, not the engine, makes untrue */
export function complianceSuite(
  transport: Transport,
  sockets: Sockets,
  engine = sockets.engine,
  families: readonly (4 | 6)[] = [4, 6],
  leftOut: ReadonlySet<string> = new Set(),
): void {
  if (obstacleOf(sockets, transport) !== undefined) return
  for (const family of families) {
    const carrier = carrierOf(transport)
    const { exchange } = transport
    const cases: Cases = {
      ...(carrier ? transferCases({ transport: carrier, sockets, family }) : {}),
      ...(exchange ? exchangeCases({ transport: { ...transport, exchange }, sockets, family }) : {}),
    }
    describe(`${transport.name} over ${engine}, IPv${family}`, () => {
      for (const [sentence, test] of Object.entries(cases).filter(([each]) => !leftOut.has(each)))
        it(sentence, { timeout: HANG_MS }, () => leavesNothingOpen(test))
    })
  }
}

function transferCases(subject: Subject): Cases {
  return {
    ...byteCases(subject),
    ...endlessCases(subject),
    ...groupCases(subject),
    ...refusalCases(subject),
    ...abortCases(subject),
    ...silenceCases(subject),
    ...isolationCases(subject),
    ...intruderCases(subject),
    ...lifetimeCases(subject),
    ...sequenceCases(subject),
  }
}
