/** What a daemon does, for whoever scrapes it: read from it when it is asked for. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { BenchServer } from '../fleet/daemon/server.ts'
import { addProcessFigures } from './process-figures.ts'

export function serverFigures(server: BenchServer): Registry {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name: `bench_server_${name}`, help, registers },
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name: `bench_server_${name}_total`, help, registers },
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  gauge('sessions', 'Clients at this moment', () => server.readings.sessions)
  gauge('sessions_limit', 'Most clients at once (--max-sessions)', () => server.readings.mostSessions)
  gauge('busy', '1 if no other client is let in', () => Number(server.readings.isBusy))
  gauge('trials_running', 'Trials at this moment', () => server.readings.running)
  counter('sessions_opened', 'Clients that were let in', () => server.readings.opened)
  counter('trials', 'Trials that ended', () => server.readings.trials)
  new Counter({
    ...{ name: 'bench_server_clients_refused_total', help: 'Clients that were not let in, by the reason' },
    ...{ labelNames: ['reason'], registers },
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(server.readings.refused)) this.inc({ reason }, count)
    },
  })
  addProcessFigures(registry)
  return registry
}
