/** The receivers of groups: each of them, over its trials. */
import type { Case } from '../../charts/case.ts'
import type { Section, Text } from '../../document/model.ts'
import { isOfPictures, receiversOf, tableOfReceivers } from '../../document/receivers-table.ts'
import { say } from '../../document/say.ts'

const ABOUT: Text = say`A trial of several receivers is one sample: its goodput is that of the slowest receiver, its loss the mean over all, and it ended as its worst. Here each receiver has its own: medians over the trials, and sums of what is counted.`
const DATA = 'Each receiver of a group: loss, order, and when data came'
const PICTURES = 'Each receiver of a group: what became of the pictures'

/** Empty without groups of several receivers. */
export function receiversSection(cases: readonly Case[]): Section {
  const lines = cases.flatMap(receiversOf)
  const tables = [
    tableOfReceivers(
      DATA,
      lines.filter(each => !isOfPictures(each)),
    ),
    tableOfReceivers(PICTURES, lines.filter(isOfPictures)),
  ]
  return {
    id: 'receivers',
    title: 'Receivers',
    blocks:
      lines.length === 0
        ? []
        : [
            { kind: 'text', text: ABOUT },
            ...tables.filter(({ rows }) => rows.length > 0).map(table => ({ kind: 'table', table }) as const),
          ],
  }
}
