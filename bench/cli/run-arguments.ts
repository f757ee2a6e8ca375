/** What `bench run` is asked for. */
import type { Format } from '../../results/store/formats.ts'
import type { Overrides } from '../../scenarios/blocks.ts'
import type { Pins } from '../fleet/agent/pinning.ts'
import type { HostArguments } from './hosts-flags.ts'
import type { Target } from './target.ts'

export interface RunArguments {
  /** Names or paths; none: the flags describe the run. */
  readonly scenarios: readonly string[]
  readonly overrides: Overrides
  /** `auto`, or the name of an engine. */
  readonly engine: string
  /** What is tested. */
  readonly commit?: string | undefined
  /** The CPUs of the two agents. */
  readonly pins?: Pins | undefined
  /** A receiver that is not ours. */
  readonly target?: Target | undefined
  /** Another host that has an end of the run. */
  readonly hosts?: HostArguments | undefined
  readonly keep?: string | undefined
  readonly out?: string | undefined
  readonly force: boolean
  readonly format: 'table' | Format
  readonly quiet: boolean
  readonly chart: boolean
}
