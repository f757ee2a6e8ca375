/** What Prometheus' clients say of their process, by the usual names; read when they are asked for, without a timer or an observer. */
import { readdirSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import { BENCH_VERSION } from '../fleet/facts/environment.ts'

export function addProcessFigures(registry: Registry): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const value = read()
        if (value === undefined) this.remove()
        else this.set(value)
      },
    })
  new Gauge({
    ...{ name: 'bench_build_info', help: 'Which bench and which Node this is; always 1', registers },
    labelNames: ['version', 'node'],
  }).set({ version: BENCH_VERSION, node: process.versions.node }, 1)
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970', () => STARTED_AT)
  gauge('process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss())
  gauge('process_open_fds', 'Open file descriptors (Linux)', openDescriptors)
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, without its agents',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
}

const STARTED_AT = Math.round(Date.now() / 1000 - process.uptime())

/** Without the one of the folder that is read. */
function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}
