/** Pictures of a report: as they were sent, and as they arrived, from what `bench run --keep` saved. */
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { groupBy } from '../../base/groups.ts'
import { decodePicture, kindOf, type PictureKind } from '../../base/pictures/pictures.ts'
import type { Decoded, Range } from '../../base/pictures/pixels.ts'
import { thumbnail } from '../../base/pictures/thumbnail.ts'
import { fileError } from '../../base/system-errors.ts'
import { counted, formatBytes, formatCount, formatPercent } from '../../base/units.ts'
import type { PageBlock, Picture, Section } from '../../results/document/model.ts'
import {
  cellKey,
  cellOf,
  compareCells,
  describeCell,
  shorten,
  tellingFields,
} from '../../results/schema/cells.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { TRANSFER } from '../../scenarios/settings/words.ts'
import { type Catalog, carrierOf } from '../../transports/catalog.ts'
import { FilePayload } from '../../transports/payload/generated.ts'
import { boundsOf, isPicture, makePayload } from '../../transports/payload/made.ts'
import { chunkCount, datagramDigests, identify } from '../../transports/payload/reception.ts'
import { keptName } from '../measure/kept.ts'
import { behind, missingOf } from '../workloads/transfer/ends/recognition.ts'

/** On a page, those that were sent among them: each takes some 20 to 60 kB. */
const MOST_PICTURES = 40
/** Of a file, and chunks of a picture: beyond that it is not shown. */
const MOST_BYTES = 64 << 20
const MOST_CHUNKS = 200_000

/** A picture that was sent. */
interface Sent {
  readonly kind: PictureKind
  readonly bytes: Buffer
  readonly decoded: Decoded
}

/** @throws UsageError if the folder cannot be read; undefined if nothing in it belongs to these rows */
export async function picturesSection(
  folder: string,
  records: readonly TrialRecord[],
  catalog: Catalog,
): Promise<Section | undefined> {
  const found = await stat(folder).catch(error => {
    throw fileError(`--kept ${folder}`, error, { otherwise: 'name the folder of bench run --keep' })
  })
  if (!found.isDirectory())
    throw new UsageError(`--kept ${folder}: it is not a folder; name that of bench run --keep`)
  const blocks: PageBlock[] = []
  let left = MOST_PICTURES
  for (const alike of groupBy(records.filter(isWhole), whatWasSent).values()) {
    const sent = left > 1 ? await sentOf(folder, alike) : undefined
    if (!sent) continue
    const items = await arrivalsOf(folder, alike, sent, catalog, left - 1)
    if (items.length === 0) continue
    left -= 1 + items.length
    const [{ file, payload = '', size_bytes = 0 }] = alike as [TrialRecord]
    const name = file === undefined ? payload : shorten(file)
    blocks.push(
      { kind: 'heading', text: [{ name }, `, ${formatBytes(size_bytes)}`] },
      { kind: 'pictures', items: [pictureOf(sent, sent.decoded, [], 'as it was sent'), ...items] },
    )
  }
  if (blocks.length === 0) return undefined
  const how =
    'Of each case the trial in which the fewest bytes arrived, each chunk at its place. What could not be decoded is hatched. The bar below a picture is the file from its first byte to its last: green arrived, red did not.'
  return { id: 'pictures', title: 'Pictures', blocks: [{ kind: 'text', text: [how] }, ...blocks] }
}

/** A row of one flow alone, of a trial that saved what arrived under a name of its own. */
function isWhole({ size_bytes, payload, file, workload, streams, direction }: TrialRecord): boolean {
  const picture = file !== undefined || (payload !== undefined && isPicture(payload))
  const alone = streams === undefined && !direction.startsWith('bidir')
  return picture && alone && size_bytes !== undefined && (workload ?? TRANSFER) === TRANSFER
}

function whatWasSent({ file, payload, size_bytes, seed }: TrialRecord): string {
  return JSON.stringify(file === undefined ? [payload, size_bytes, seed] : [file, size_bytes])
}

/** What these trials sent: made once more or, of a file, what arrived whole in one of them. Undefined if that is not a picture. */
async function sentOf(folder: string, [first, ...others]: readonly TrialRecord[]): Promise<Sent | undefined> {
  if (!first) return undefined
  const { file, payload = '', size_bytes: size = 0, seed } = first
  let bytes: Buffer | undefined
  if (file !== undefined) {
    const whole = [first, ...others].filter(each => each.payload_intact)
    for (const each of whole) bytes ??= await keptBytes(folder, each)
    if (bytes?.length !== size) return undefined
  } else if (isPicture(payload)) {
    const { leastBytes, mostBytes } = boundsOf(payload)
    if (size >= leastBytes && size <= mostBytes) bytes = makePayload(payload, size, seed)
  }
  const kind = bytes && kindOf(bytes)
  const decoded = kind && (await decodePicture(kind, bytes ?? Buffer.alloc(0)))
  return bytes && decoded && { kind, bytes, decoded }
}

/** A picture for each case, of the trial in which the fewest bytes arrived. */
async function arrivalsOf(
  folder: string,
  records: readonly TrialRecord[],
  sent: Sent,
  catalog: Catalog,
  most: number,
): Promise<readonly Picture[]> {
  const ordered = records.toSorted((a, b) => compareCells(cellOf(a), cellOf(b), []))
  const cases = [...groupBy(ordered, cellKey).values()]
  const fields = tellingFields(cases.flatMap(([each]) => (each ? [cellOf(each)] : [])))
  const pictures: Picture[] = []
  for (const trials of cases) {
    const worst = trials.toSorted((a, b) => (a.bytes_delivered ?? 0) - (b.bytes_delivered ?? 0))
    for (const record of worst) {
      if (pictures.length >= most) return pictures
      const kept = await keptBytes(folder, record)
      const missing = kept && missingBytes(record, kept, sent, catalog)
      if (!missing) continue
      const decoded = await decodePicture(sent.kind, sent.bytes, missing)
      const words = `${describeCell(cellOf(record), fields)}: ${arrivalWords(record, missing, decoded)}`
      const which = `trial ${record.trial}${trials.length > 1 ? `, the worst of ${trials.length}` : ''}`
      pictures.push(pictureOf(sent, decoded, missing, `${words} (${which})`))
      break
    }
  }
  return pictures
}

/** What is missing of the picture; undefined if it cannot be told from what was saved. */
function missingBytes(record: TrialRecord, kept: Buffer, { bytes }: Sent, catalog: Catalog) {
  const transport = catalog.transports.get(record.transport)
  const carrier = transport && carrierOf(transport)
  if (!carrier) return undefined
  // What has come of chunks with numbers has holes, too.
  const inChunks = carrier.traits.fansOut && ((payload: FilePayload) => payload.windows())
  const datagrams = carrier.transfer.datagrams ?? inChunks
  if (!datagrams) return behind([kept], bytes)
  const oneDatagram = transport.traits.limit === 'one-datagram'
  const chunkBytes = oneDatagram ? bytes.length : record.chunk_bytes
  const payload = new FilePayload(bytes, chunkBytes)
  if (chunkCount(payload) > MOST_CHUNKS) return undefined
  // Datagrams are as long as chunks, but for the last one; their lengths are not saved.
  const lengths = Array.from({ length: Math.ceil(kept.length / chunkBytes) }, (_, at) =>
    Math.min(chunkBytes, kept.length - at * chunkBytes),
  )
  const windows = [...datagrams(payload)]
  const { arrived, alike } = identify({ parts: [kept], lengths }, datagramDigests(windows), lengths.length)
  const missing = missingOf(windows, arrived)
  // The row knows better: where the last chunk came before others, or a chunk was cut in two, they do not agree.
  return arrived.size !== record.datagrams_delivered || (alike && missing.length > 0) ? undefined : missing
}

function arrivalWords(record: TrialRecord, missing: readonly Range[], decoded: Decoded | undefined): string {
  const { datagrams_accepted: accepted, datagrams_delivered: delivered, bytes_delivered: bytes = 0 } = record
  const pixels = decoded ? decoded.decoded / (decoded.width * decoded.height) : 0
  const seen =
    pixels === 1
      ? 'the whole picture'
      : pixels > 0
        ? `${formatPercent(pixels)} of the pixels`
        : 'nothing to see'
  if (missing.length === 0) return `everything, ${seen}`
  return delivered === undefined || accepted === undefined
    ? `${formatBytes(bytes)}, ${seen}`
    : `${formatCount(delivered)} of ${counted(accepted, 'chunk')}, ${seen}`
}

function pictureOf(
  { bytes, decoded: whole }: Sent,
  decoded: Decoded | undefined,
  missing: readonly Range[],
  caption: string,
): Picture {
  return { ...thumbnail(decoded, whole, bytes.length, missing), caption }
}

/** What a trial saved; undefined if it did not, or if that is too large. A row may come from anywhere: it names no other folder. */
async function keptBytes(folder: string, record: TrialRecord): Promise<Buffer | undefined> {
  const name = keptName(record.run_id, record.trial, record)
  if (basename(name) !== name || name.includes('\0')) return undefined
  try {
    const path = join(folder, name)
    const { size } = await stat(path)
    return size <= MOST_BYTES ? await readFile(path) : undefined
  } catch {
    return undefined
  }
}
