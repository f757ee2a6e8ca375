/** `bench fleet`: measures between all hosts of a list, says how long that takes, or who they are. */
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import type { Command } from '../command.ts'
import { FLEET_FLAGS, fleetArguments } from '../fleet/flags.ts'
import { listHosts } from '../fleet/list.ts'
import { planRounds } from '../fleet/plan.ts'
import { runFleet } from '../fleet/run.ts'

/** What it does, by the first word. */
const ACTIONS = { run: runFleet, plan: planRounds, hosts: listHosts }
const ACTION = oneOf(['run', 'plan', 'hosts'])

export const fleet: Command = {
  flags: FLEET_FLAGS,
  examples: [
    [
      'BENCH_TOKEN=… $0 fleet run --hosts hosts.yaml',
      'every pair, both directions, no host in two trials at a time',
    ],
    [
      '$0 fleet run sizes --hosts hosts.yaml --pairs across:zone',
      'a scenario, between hosts whose label zone differs',
    ],
    ['$0 fleet plan --hosts 500 --sample 8', 'how many rounds and rows that is'],
    ['BENCH_TOKEN=… $0 fleet hosts --hosts nats://bus.example', 'who has joined, and is measured with'],
  ],
  epilogue:
    'The file has a line for each host, hosts: {a: 192.0.2.7, b: {address: "192.0.2.8:5990", labels: {zone: x}}}. Which hosts share a round is drawn anew for each --repeat. What could not be measured is tried once more at the end; exit code 1 says that something is missing.',
  before: 'anything was measured',
  async run({ operands: [action = '', ...scenarios], flags }, context) {
    const { own, asked } = fleetArguments(scenarios, flags)
    return ACTIONS[ACTION.parse(action)](own, asked, context)
  },
}
