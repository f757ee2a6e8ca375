/** `bench fleet`: measures between all hosts of a list, says how long that takes, who they are, or what a stream has of a run; starts servers there. */
import { UsageError } from '../../../base/errors.ts'
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import type { Command } from '../command.ts'
import { readCommandLine } from '../command-line.ts'
import { DEPLOY_FLAGS, deployHosts } from '../fleet/deploy.ts'
import { ACTION_FLAGS, FLEET_FLAGS, fleetArguments } from '../fleet/flags.ts'
import { listHosts } from '../fleet/list.ts'
import { planRounds } from '../fleet/plan.ts'
import { writeRows } from '../fleet/rows.ts'
import { runFleet } from '../fleet/run.ts'
import { unknownFlag } from '../unknown-words.ts'

/** What it does, by the first word. */
const ACTIONS = { run: runFleet, plan: planRounds, hosts: listHosts, rows: writeRows }
export const ACTION = oneOf(['run', 'plan', 'hosts', 'rows', 'deploy', 'remove'])

export const fleet: Command = {
  flags: { ...FLEET_FLAGS, ...DEPLOY_FLAGS },
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
    [
      '$0 fleet rows 20261121T094512Z-kqzv --hosts nats://bus.example',
      'the rows of a run whose file is lost, or without its name those that there are',
    ],
    ['$0 fleet hosts --hosts nats://bus.example', 'who has joined, and is measured with'],
    ['BENCH_TOKEN=… $0 fleet deploy ssh --hosts hosts.yaml', 'start bench serve there; remove ssh ends it'],
  ],
  epilogue:
    'The file has a line for each host, hosts: {a: 192.0.2.7, b: {address: "192.0.2.8:5990", labels: {zone: x}, ssh: "user@192.0.2.8:22"}}. Which hosts share a round is drawn anew for each --repeat. What could not be measured is tried once more at the end; exit code 1 says that something is missing.',
  before: 'anything was measured',
  async run(given, context) {
    const [word = '', ...others] = given.operands
    const action = ACTION.parse(word)
    if (action === 'deploy' || action === 'remove')
      return deployHosts(action, others, given, context, checkServe)
    const idle = Object.keys(DEPLOY_FLAGS).find(name => given.flags[name] !== undefined)
    if (idle !== undefined)
      throw new UsageError(
        `--${idle} is of bench fleet deploy, and means nothing to fleet ${action}; leave it out`,
      )
    const problem = unknownFlag(given.flags, ACTION_FLAGS[action], {
      ...{ command: `fleet ${action}`, tables: [FLEET_FLAGS, DEPLOY_FLAGS] },
    })
    if (problem !== undefined) throw new UsageError(problem)
    const { own, asked } = fleetArguments(others, given.flags)
    return ACTIONS[action](own, asked, context)
  },
}

/** @throws UsageError for words that bench serve would refuse */
async function checkServe(words: readonly string[]): Promise<void> {
  const { serve, serveArguments } = await import('./serve.ts')
  const entry = { name: 'serve', summary: '', load: async () => serve }
  const asked = await readCommandLine(['serve', ...words], [entry])
  if (!asked) throw new UsageError('--serve asks for help; give flags of bench serve')
  serveArguments(asked.given)
}
