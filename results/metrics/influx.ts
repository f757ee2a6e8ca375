/** Trials in InfluxDB's line protocol, a point a row: its case in tags, what was measured in fields. */
import { Point } from '@influxdata/influxdb-client'
import { cellOf } from '../schema/cells.ts'
import { COLUMNS, type Column } from '../schema/columns.ts'
import { rounded } from '../schema/record.ts'
import type { Encoding } from '../store/encoding.ts'
import { labelsOf } from './gauges.ts'

const NS_PER_MS = 1_000_000n

export const influx: Encoding = {
  header: () => '',
  row(record, index) {
    const point = new Point('bench')
    for (const [name, text] of Object.entries(labelsOf(cellOf(record)))) point.tag(name, text)
    point.tag('scenario', record.scenario)
    const values = rounded(record)
    for (const column of FIELDS) addField(point, column, values[column.name])
    // A database keeps one point of the same tags and time: each row has its own nanosecond.
    const ns = BigInt(Date.parse(record.started_at)) * NS_PER_MS + (BigInt(index) % NS_PER_MS)
    return `${point.timestamp(String(ns)).toLineProtocol()}\n`
  },
  footer: () => '',
}

/** Distributions and digests are no figures. */
const FIELDS = COLUMNS.filter(
  ({ name, role, format, title, perTrial, type }) =>
    title === undefined &&
    name !== 'scenario' &&
    (role === 'measured' || role === 'given' || role === 'identity') &&
    format === undefined &&
    (type !== 'string' || !perTrial),
)

function addField(point: Point, { name, type }: Column, value: unknown): void {
  if (typeof value === 'boolean') point.booleanField(name, value)
  else if (typeof value === 'string') point.stringField(name, value)
  else if (typeof value === 'number' && type === 'integer') point.intField(name, value)
  else if (typeof value === 'number') point.floatField(name, value)
}
