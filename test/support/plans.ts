/** Plans made by hand: small transfers over UDP on the node engine. */
import type { Case, Plan } from '../../scenarios/plan.ts'

export function planOf(cases: readonly Partial<Case>[], over: Partial<Plan> = {}): Plan {
  return {
    scenario: 'test',
    engine: 'node',
    notes: [],
    cases: cases.map(each => ({
      scenario: 'test',
      transport: 'udp-header',
      sizeBytes: 20_000,
      chunkBytes: 1000,
      ipFamily: 4 as const,
      seed: 1,
      socket: { rcvbufBytes: 1 << 20 },
      ...each,
    })),
    repeat: 3,
    warmup: 0,
    processes: 1,
    seed: 1,
    drainMs: undefined,
    timeoutMs: undefined,
    ...over,
  }
}
