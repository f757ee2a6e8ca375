/** Fleets on loopback: daemons, the file that names them, and what coordinator and daemons tell a scraper. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bench, folder, type Running } from './cli.ts'
import { startServer, TOKEN } from './two-hosts.ts'

interface FleetSetting {
  /** Hosts where nobody listens. */
  readonly dead?: readonly string[]
  /** Its daemons serve /metrics. */
  readonly metrics?: boolean
}

export async function startFleet(
  context: TestContext,
  names: readonly string[],
  { dead = [], metrics = false }: FleetSetting = {},
) {
  const cwd = folder(context)
  const words = metrics ? ['--metrics-listen', '127.0.0.1:0'] : []
  const servers = await Promise.all(
    names.map(async name => ({ name, server: await startServer({ cwd, listen: '127.0.0.1:0', words }) })),
  )
  context.after(() => Promise.all(servers.map(({ server }) => server[Symbol.asyncDispose]())))
  const lines = [
    ...servers.map(
      ({ name, server }) => `  ${name}: {address: "127.0.0.1:${server.port}", labels: {zone: z-${name}}}`,
    ),
    ...dead.map((name, index) => `  ${name}: 127.0.0.1:${index + 1}`),
  ]
  writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
  const run = (words: readonly string[]) =>
    bench(['fleet', ...words, '--hosts', 'hosts.yaml'], { cwd, env: { BENCH_TOKEN: TOKEN } })
  return { cwd, servers, run }
}

/** Where a command or daemon says that its figures are. */
export function metricsUrl(running: Running): Promise<string> {
  return running.until(
    'the place of its metrics',
    ({ stderr }) => /^metrics at (\S+?);?(?: |$)/m.exec(stderr)?.[1],
  )
}

/** What is scraped now: the value of the first line that begins so. */
export async function metricsOf(url: string) {
  const lines = (await (await fetch(url)).text()).split('\n')
  return (begins: string) => {
    const line = lines.find(each => each.startsWith(begins))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
}
