/** The machine itself: Node, CPUs, clocks, and other load. */
import { availableParallelism, cpus, loadavg, uptime } from 'node:os'
import { given } from '../../../base/given.ts'
import { containerKind, numberOf, textOf } from '../../../base/system-files.ts'
import { counted, formatCount, formatMs, formatPercent } from '../../../base/units.ts'
import { bad, type Finding, good, type Look, look, notice, unknown } from '../calls/finding.ts'
import { cpuQuota } from './cgroup.ts'
import { cpuTimesIn, SINCE_START, stealSince } from './cpu-times.ts'
import { isOldNode, isWine, LEAST_NODE } from './environment.ts'

const CLOCK_SOURCE = '/sys/devices/system/clocksource/clocksource0'
/** Clock sources that a program reads without a system call; `hyperv_clocksource_tsc_page` belongs to Hyper-V. */
const QUICK_CLOCKS = [
  'tsc',
  'kvm-clock',
  'arch_sys_counter',
  'hyperv_clocksource_tsc_page',
  'timebase',
  'riscv_clocksource',
]
const CPU = '/sys/devices/system/cpu'
/** Share of all CPU time taken by other guests of the same hardware. */
const STEAL_TOLERANCE = 0.01

export async function examineMachine(): Promise<Finding[]> {
  return [
    await look('Node', node),
    await look('CPUs', cpuCount),
    await look('CPU governor', governor),
    await look('CPU frequency', frequency),
    await look('load', load),
    await look('virtualisation', virtualisation),
    await look('CPU quota', quota),
    await look('clock source', clockSource),
    await look('clock resolution', clockResolution),
  ]
}

/** What makes figures of this machine doubtful, now; undefined where nothing does. */
export async function describeDoubts(): Promise<string | undefined> {
  const looks = { load, 'CPU quota': quota, 'CPU governor': governor, virtualisation, CPUs: cpuCount }
  return doubtsIn(await Promise.all(Object.entries(looks).map(each => look(...each))))
}

/** `doubtful here: load 12.40 over the last minute, on 2 CPUs; CPU governor powersave`: what they say before their reasons. */
export function doubtsIn(findings: readonly Finding[]): string | undefined {
  const doubts = findings
    .filter(({ state }) => state === 'notice')
    .map(({ subject, finding }) => `${subject} ${finding.split(':')[0]}`)
  return doubts.length > 0 ? `doubtful here: ${doubts.join('; ')} (bench doctor says more)` : undefined
}

function node(): Look {
  const version = process.versions.node
  return isOldNode(version)
    ? bad(`${version} is too old`, `install Node ${LEAST_NODE.join('.')} or later`)
    : good(`${version} on ${process.platform}, ${process.arch}`)
}

function cpuCount(): Look {
  const ours = availableParallelism()
  const all = cpus().length
  const model = cpus()[0]?.model.trim() || 'of unknown model'
  const usable = ours < all ? `${ours} of ${all} may be used` : `${ours}`
  return ours > 1
    ? good(`${usable}, ${model}`)
    : notice(
        `${usable}, ${model}: sender and receiver take turns on one CPU`,
        'give it 2 or more, or put one end on another host with bench run --host',
      )
}

function governor(): Look {
  const name = textOf(`${CPU}/cpu0/cpufreq/scaling_governor`)
  if (name === undefined) return unknown('this system does not report it, or leaves it to its hypervisor')
  return ['powersave', 'ondemand', 'conservative'].includes(name)
    ? notice(
        `${name}: a CPU begins a trial slowly, and speeds up during it`,
        `while measuring: echo performance | sudo tee ${CPU}/cpu*/cpufreq/scaling_governor`,
      )
    : good(name)
}

function frequency(): Look {
  const MHZ = 1000
  const now = numberOf(`${CPU}/cpu0/cpufreq/scaling_cur_freq`)
  const most = numberOf(`${CPU}/cpu0/cpufreq/cpuinfo_max_freq`)
  const noTurbo = numberOf(`${CPU}/intel_pstate/no_turbo`)
  const boost = noTurbo === undefined ? numberOf(`${CPU}/cpufreq/boost`) : 1 - noTurbo
  const speed = now === undefined ? cpus()[0]?.speed : now / MHZ
  if (!speed) return unknown('this system does not report it')
  return good(
    given(
      `${formatCount(speed)} MHz now`,
      most !== undefined && `${formatCount(most / MHZ)} MHz at most`,
      boost !== undefined && `turbo ${boost ? 'on' : 'off'}`,
    ).join(', '),
  )
}

function load(): Look {
  if (process.platform === 'win32') return unknown('Windows does not report it')
  const [lastMinute = 0] = loadavg()
  const ours = availableParallelism()
  const text = `${lastMinute.toFixed(2)} over the last minute, on ${counted(ours, 'CPU')}`
  return lastMinute > ours / 2
    ? notice(`${text}: other programs use them, too`, 'find them with top, and wait until they have ended')
    : good(text)
}

function virtualisation(): Look {
  if (isWine())
    return notice(
      'wine: it stands in for Windows, on another kernel',
      'measure on Windows itself; of this, only that the program works is known',
    )
  if (process.platform !== 'linux') return unknown('this system does not report it')
  const guest = /^flags\s*:.*\bhypervisor\b/m.test(textOf('/proc/cpuinfo') ?? '')
  const product = [textOf('/sys/class/dmi/id/sys_vendor'), textOf('/sys/class/dmi/id/product_name')]
  const named = product.filter(Boolean).join(' ') || textOf('/sys/hypervisor/type')
  const container = containerKind()
  const kind = guest ? 'a virtual machine' : 'no hypervisor visible'
  const what = given(
    named ? `${kind} (${named})` : kind,
    container !== undefined && `in a ${container} container`,
  ).join(', ')
  const stolen = stealSince(SINCE_START, cpuTimesIn(textOf('/proc/stat')))
  if (stolen === undefined || (!guest && stolen === 0)) return good(what)
  const text = `${what}; other guests took ${formatPercent(stolen)} of its CPU time in the ${(uptime() / 3600).toFixed(1)} h since it started`
  return stolen > STEAL_TOLERANCE
    ? notice(text, 'measure more rounds (--repeat) at several times of the day, or use a dedicated host')
    : good(text)
}

function quota(): Look {
  if (process.platform !== 'linux') return good('this system has no control groups')
  const found = cpuQuota()
  if (!found) return unknown('no control group file reports it')
  const { cpus: limit, throttled } = found
  if (limit === undefined) return good('none')
  const often = throttled === undefined ? '' : `; throttled ${counted(throttled, 'time')} so far`
  const text = `${limit.toFixed(2) === '1.00' ? 'one CPU’s' : `${limit.toFixed(2)} CPUs’`} worth of time${often}`
  return limit >= availableParallelism() && !throttled
    ? good(text)
    : notice(
        `${text}: a program that uses it up stops until the next period`,
        containerKind()
          ? 'start the container without --cpus and --cpu-quota'
          : 'lift the limit of its control group: CPUQuota= of the systemd unit, or cpu.max',
      )
}

function clockSource(): Look {
  if (process.platform !== 'linux') return good("the system's own")
  const name = textOf(`${CLOCK_SOURCE}/current_clocksource`)
  if (name === undefined) return unknown('this system does not report it')
  if (QUICK_CLOCKS.includes(name)) return good(name)
  const others = (textOf(`${CLOCK_SOURCE}/available_clocksource`) ?? '').split(' ')
  const better = QUICK_CLOCKS.find(each => others.includes(each))
  return notice(
    `${name}: each reading of the clock is a slow system call`,
    better
      ? `echo ${better} | sudo tee ${CLOCK_SOURCE}/current_clocksource`
      : `there is no faster one here; larger chunks make it matter less`,
  )
}

/** The smallest observed step of the monotonic clock, and the cost of reading it. */
function clockResolution(): Look {
  const LOOKS = 20_000
  let last = process.hrtime.bigint()
  const start = last
  let step: bigint | undefined
  for (let looked = 0; looked < LOOKS; looked++) {
    const now = process.hrtime.bigint()
    if (now > last && (step === undefined || now - last < step)) step = now - last
    last = now
  }
  if (step === undefined) return bad('the clock stands still', 'restart the machine')
  const eachMs = Number(last - start) / 1e6 / LOOKS
  const text = `steps of ${nanoseconds(Number(step))} or less, and ${nanoseconds(eachMs * 1e6)} per reading`
  return step <= 1000n
    ? good(text)
    : notice(text, 'measure larger payloads (--size), beside which a step is small')
}

function nanoseconds(value: number): string {
  return value < 1000 ? `${formatCount(value)} ns` : formatMs(value / 1e6)
}
