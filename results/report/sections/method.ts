/** How the figures come about, in short. */
import type { Section, Text } from '../../document/model.ts'
import { say } from '../../document/say.ts'

const TERMS: readonly (readonly [term: string, meaning: Text])[] = [
  [
    'Goodput',
    say`Unique payload bits that arrived, over the time from the sender’s first call to the receiver’s last byte, on one clock. Never a send rate. For TCP this includes connecting and the handshake.`,
  ],
  [
    'Loss',
    say`What the sender’s system accepted less what the receiver took, the tail included. A refusal is not a loss: offered = accepted + refused, and accepted = delivered + lost. The cause is the drop counter of the receiving socket; ${{ code: 'receive buffer' }} means that the receiver was too slow for the burst, not that a network lost anything.`,
  ],
  [
    'Refused',
    say`Datagrams that the operating system returned with an error, such as EMSGSIZE for one that is too long. It is a result, not a failure.`,
  ],
  [
    'Fairness',
    say`Every round runs each case once, in a random order that the seed determines; rows of one round are pairs. Both ends are processes of their own, warmed up before the first trial.`,
  ],
  [
    'How sure',
    say`Medians have 95 % intervals by the order of the trials or, where processes differ, of the medians of processes; fewer than six of these have a range only. Pairs are compared by the median of their ratios and a sign test, unpaired trials by the ratio of medians and the Mann–Whitney test; p is corrected for the number of comparisons (Holm). A difference counts when its interval excludes zero, it is at least 5 % (15 % between single runs) and, between pairs or processes, three standard errors, and p is at most 0.05.`,
  ],
]

export const METHOD: Section = {
  id: 'method',
  title: 'Method',
  blocks: [{ kind: 'terms', items: TERMS.map(([term, meaning]) => ({ term, meaning })) }],
}
