/** Which transport to take on each emulated path, why, and how far that can be doubted. Pure. */
import { groupBy } from '../../base/groups.ts'
import type { Block } from '../document/model.ts'
import { say } from '../document/say.ts'
import { joinWords } from '../document/text.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { answerBlock, answersOf } from './answer.ts'

/** An answer a path and workload; nothing where no path has a name. */
export function pathAnswers(records: readonly TrialRecord[]): readonly Block[] {
  const paths = groupBy(
    records.filter(each => each.path !== undefined),
    each => each.path ?? '',
  )
  return [...paths].flatMap(([path, onPath]) => {
    const answers = answersOf(onPath)
    const [first] = onPath
    const leftOut = new Set(
      onPath.flatMap(each => (each.impair_left_out === undefined ? [] : [each.transport])),
    )
    const doubts = [
      `It was emulated: ${first.way ?? path}${first.impair_with === undefined ? '' : `, by ${first.impair_with}`}.`,
      ...(leftOut.size > 0
        ? [
            `${joinWords([...leftOut])}: left out, since ${first.impair_left_out ?? 'loss'} was not applied; --impair-with tun does that (Linux).`,
          ]
        : []),
    ]
    const known =
      answers.length > 0 ? answers : [[say`${{ strong: 'No choice' }} between transports`] as const]
    return known.map(([text, ...more]) => answerBlock([[{ name: path }, ': ', ...text], ...more, ...doubts]))
  })
}
