/** Trials in InfluxDB's line protocol, a point a row: its case in tags, what was measured in fields. */
import { Point } from '@influxdata/influxdb-client'
import { COLUMNS, type Column } from '../schema/columns.ts'
import { rounded } from '../schema/record.ts'
import type { Encoding } from '../store/encoding.ts'
import { labelsOf } from './gauges.ts'

const NS_PER_MS = 1_000_000n

export const influx: Encoding = {
  header: () => '',
  row(record, index) {
    const point = new Point('bench')
    // A backslash at its end would escape what follows the tag; the line protocol has no sign for that.
    for (const [name, text] of Object.entries(labelsOf(record)))
      point.tag(name, text.replaceAll(/\\+$/g, '/'))
    const values = rounded(record)
    for (const column of FIELDS) addField(point, column, values[column.name])
    // A database keeps one point of the same tags and time: each row has its own nanosecond.
    const ns = BigInt(Date.parse(record.started_at)) * NS_PER_MS + (BigInt(index) % NS_PER_MS)
    return `${point.timestamp(String(ns)).toLineProtocol()}\n`
  },
  footer: () => '',
}

/** What is no tag; distributions and digests are no figures. */
const FIELDS = COLUMNS.filter(
  ({ name, role, format, title, perTrial, type }) =>
    title === undefined &&
    !['scenario', 'sender_host', 'receiver_host'].includes(name) &&
    role !== 'asked' &&
    format === undefined &&
    (type !== 'string' || !perTrial),
)

function addField(point: Point, { name, type }: Column, value: unknown): void {
  if (typeof value === 'boolean') point.booleanField(name, value)
  else if (typeof value === 'string') point.stringField(name, value)
  else if (typeof value === 'number' && type === 'integer') point.intField(name, value)
  else if (typeof value === 'number') point.floatField(name, value)
}
