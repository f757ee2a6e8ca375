/** Probes of several files side by side: each limit, and where it differs from that of the first file. Pure. */
import { formatBytes, formatCount } from '../../base/units.ts'
import { captionedTable, column, figureCell, NONE } from '../document/figures.ts'
import type { Block, TableCell } from '../document/model.ts'
import { heldCell } from '../document/probe-table.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type Probed, probedLimits } from '../statistics/probe-results.ts'

export interface ProbeFile {
  readonly label: string
  readonly records: readonly TrialRecord[]
}

export function probesBlocks(files: readonly [ProbeFile, ...ProbeFile[]]): readonly Block[] {
  const [first] = files
  return [
    ...tableOf('Largest datagrams, in bytes of UDP payload', files, ({ records }) =>
      probedLimits(records).map(each => ({
        name: { limit: each.limit.what, IP: `IPv${each.family}` },
        cell: figureCell(each.bytes, bytes => (bytes === 0 ? 'none' : formatCount(bytes))),
        detail: refusalOf(each),
      })),
    ),
    ...tableOf('Datagrams that a receive buffer holds', files, ({ records }) =>
      records
        .filter(each => each.read_late)
        .map(each => ({
          name: {
            'SO_RCVBUF asked':
              each.rcvbuf_asked_bytes === undefined ? 'none' : formatBytes(each.rcvbuf_asked_bytes),
            IP: `IPv${each.ip_family}`,
            datagram: formatBytes(each.chunk_bytes),
          },
          cell: heldCell(each),
          detail: undefined,
        })),
    ),
    {
      kind: 'legend',
      lines: [
        `Differs: from ${first.label}. Limits are known to the byte; what a buffer holds differs by some datagrams from probe to probe.`,
      ],
    },
  ]
}

/** Where it is not that of too long a datagram. */
function refusalOf({ refusal }: Probed): string | undefined {
  return refusal === 'EMSGSIZE' ? undefined : refusal
}

interface Line {
  readonly name: Readonly<Record<string, string>>
  readonly cell: TableCell
  readonly detail: string | undefined
}

function tableOf(
  caption: string,
  files: readonly ProbeFile[],
  linesOf: (file: ProbeFile) => readonly Line[],
): readonly Block[] {
  const keyOf = ({ name }: Line) => JSON.stringify(Object.values(name))
  const all = files.map(file => ({
    label: file.label,
    lines: new Map(linesOf(file).map(each => [keyOf(each), each])),
  }))
  const rows = [...new Map(all.flatMap(({ lines }) => [...lines]))]
  const [, line] = rows[0] ?? []
  if (!line) return []
  const base = all[0]?.lines
  const columns = [
    ...Object.keys(line.name).map(title =>
      column(title, 'left', rows, ([, { name }]) => ({ text: name[title] ?? '' })),
    ),
    ...all.map(({ label, lines }, index) =>
      column(label, 'right', rows, ([key]) => {
        const own = lines.get(key)
        const of = base?.get(key)
        if (!own) return NONE
        const differs = index > 0 && of !== undefined && own.cell.text !== of.cell.text
        const detail = [differs ? 'differs' : undefined, own.detail].filter(Boolean).join(', ')
        return detail === '' ? own.cell : { ...own.cell, detail }
      }),
    ),
  ]
  return [captionedTable(caption, columns)]
}
