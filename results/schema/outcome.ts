/** What became of one trial. What a network may do is data, not an exception. */

export const OUTCOMES = ['completed', 'incomplete', 'refused', 'timed-out', 'failed'] as const
export type OutcomeKind = (typeof OUTCOMES)[number]

export type Outcome =
  /** Every byte arrived and is intact. `note`: a part of the protocol that was lost all the same, as `END_LOST`. */
  | { readonly kind: 'completed'; readonly note?: string }
  /** Some of it was lost or damaged. */
  | { readonly kind: 'incomplete'; readonly note?: string }
  /** The system would not take a datagram. */
  | {
      readonly kind: 'refused'
      /** `handshake`: the header or marker before the payload. */
      readonly phase: 'handshake' | 'transfer'
      readonly code: string
      readonly datagramBytes: number
      readonly emulated: boolean
    }
  | { readonly kind: 'timed-out'; readonly phase: string; readonly message: string }
  | { readonly kind: 'failed'; readonly phase: string; readonly code: string; readonly message: string }

export const LOSS_CAUSES = [
  'receive buffer',
  'send queue',
  'refused by the system',
  'emulated way',
  'late',
  'damaged',
  'elsewhere',
] as const
export type LossCause = (typeof LOSS_CAUSES)[number]

/** Codes of a trial whose header or begin marker did not arrive: no transfer, however much of the payload did. */
export const BEGINNING_LOST: readonly string[] = ['HEADER_LOST', 'BEGIN_LOST']
