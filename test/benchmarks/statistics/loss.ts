/** Loss in bursts: how often intervals hold the true share, and how often an A/A comparison calls a side worse. */
import { verdictOfLoss } from '../../../results/compare/judge.ts'
import { lossDifference, lossInterval, type TrialLosses } from '../../../results/statistics/loss.ts'
import { wilson } from '../../../results/statistics/proportions.ts'
import { randomOf } from '../../simulation/noise.ts'
import { markdown, percent } from './markdown.ts'

const DATAGRAMS = 800

interface Bursts {
  /** Share of the trials that have one. */
  readonly often: number
  /** What it takes of the trial, on average (exponential, at most 95 %). */
  readonly long: number
}

const KINDS: readonly (readonly [string, Bursts])[] = [
  ['every trial loses about 10 %', { often: 1, long: 0.1 }],
  ['half of the trials lose about 20 %', { often: 0.5, long: 0.2 }],
  ['1 trial of 5 loses about 30 %', { often: 0.2, long: 0.3 }],
  ['1 trial of 20 loses about 30 %', { often: 0.05, long: 0.3 }],
]

export function lossTable(experiments: number): string {
  const heading = ['loss', 'trials', 'Wilson over datagrams holds it', 'ours holds it', 'A/A: worse']
  const rows = KINDS.flatMap(([name, bursts]) =>
    [10, 20, 50].map(trials => {
      const random = randomOf(trials)
      const truth = bursts.often * meanBurst(bursts.long)
      let [plain, ours, worse] = [0, 0, 0]
      for (let i = 0; i < experiments; i++) {
        const [base, other] = [lose(random, bursts, trials), lose(random, bursts, trials)]
        const share = lossInterval(base.lost, base.accepted)
        const change = lossDifference(base, other)
        if (!share || !change) throw new Error('no datagrams')
        if (holds(wilson(share.lost, share.accepted), truth)) plain++
        if (holds(share.interval, truth)) ours++
        if (verdictOfLoss(change, change.p) === 'worse') worse++
      }
      return [name, `${trials}`, ...[plain, ours, worse].map(each => percent(each / experiments))]
    }),
  )
  return markdown(heading, rows)
}

const MOST = 0.95

/** Of min(exponential, 0.95). */
function meanBurst(long: number): number {
  return long * (1 - Math.exp(-MOST / long))
}

function lose(random: () => number, { often, long }: Bursts, trials: number): TrialLosses {
  const lost = Array.from({ length: trials }, () =>
    random() < often ? Math.round(DATAGRAMS * Math.min(MOST, -long * Math.log(1 - random()))) : 0,
  )
  return { lost, accepted: lost.map(() => DATAGRAMS) }
}

function holds(interval: { low: number; high: number } | undefined, value: number): boolean {
  return interval !== undefined && interval.low <= value && value <= interval.high
}
