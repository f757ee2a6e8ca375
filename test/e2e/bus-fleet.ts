/** A fleet whose hosts have joined a NATS server at the router between them. */
import type { TestContext } from 'node:test'
import { NatsServer, type NatsSetting } from '../support/nats.ts'
import { Star } from '../support/star.ts'
import { bench, type Ended, folder, type Running, startBench } from './cli.ts'
import { TOKEN } from './two-hosts.ts'

const ENV = { BENCH_TOKEN: TOKEN }

/** A daemon that has joined. */
export async function startJoined(
  words: readonly string[],
  {
    cwd,
    at = [],
    env = ENV,
  }: { cwd: string; at?: readonly string[]; env?: Readonly<Record<string, string>> },
): Promise<Running> {
  const running = startBench(['serve', ...words], { cwd, at, env })
  await running.until('name', ({ stdout }) => /^joined /m.test(stdout))
  return running
}

/** Hosts a, b, c … around a router, where the NATS server is, and whoever measures. */
export async function busFleet(context: TestContext, names: readonly string[], setting: NatsSetting = {}) {
  const cwd = folder(context)
  const star = new Star(names.length)
  context.after(() => star[Symbol.dispose]())
  const nats = await NatsServer.start({ at: star.words(), host: '0.0.0.0', ...setting })
  context.after(() => nats[Symbol.asyncDispose]())
  const servers = await Promise.all(
    names.map((name, index) =>
      startJoined(
        [
          ...['--listen', '0.0.0.0', '--name', name, '--labels', `zone=z-${name}`],
          ...['--join', `nats://10.78.${index + 1}.1:${nats.port}`],
        ],
        { cwd, at: star.words(index + 1) },
      ),
    ),
  )
  context.after(() => Promise.all(servers.map(each => each[Symbol.asyncDispose]())))
  const hosts = ['--hosts', `nats://127.0.0.1:${nats.port}`]
  const options = { cwd, at: star.words(), env: ENV }
  return {
    ...{ cwd, star, nats, servers },
    run: (words: readonly string[]): Promise<Ended> => bench(['fleet', ...words, ...hosts], options),
    start: (words: readonly string[]): Running => startBench(['fleet', ...words, ...hosts], options),
  }
}

export const SMALL = ['--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']
