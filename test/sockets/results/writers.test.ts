import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, mock } from 'node:test'
import { parse } from 'csv-parse/sync'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { COLUMNS } from '../../../results/schema/columns.ts'
import { intervalsPath } from '../../../results/schema/intervals.ts'
import { encode, formatOf } from '../../../results/store/formats.ts'
import { openWriter, streamWriter } from '../../../results/store/writers.ts'
import { it } from '../../support/patient.ts'
import { datagrams, manifest, record, stream } from '../../support/results-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'results-writers-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const fresh = (extension: string) => join(folder, `results-${files++}${extension}`)
const read = (path: string) => readFileSync(path, 'utf8')
const warning = { code: 'few-rounds', message: 'one round', remedy: '--repeat 20', cells: [] } as const

describe('a CSV file', () => {
  it('is whole after every row: header, CRLF, empty where unknown, true and false', async () => {
    const path = fresh('.csv')
    await using writer = openWriter(path, { overwrite: false })
    assert.equal(read(path), `${COLUMNS.map(column => column.name).join(',')}\r\n`)
    await writer.write(stream(2e9))
    const [row, ...more] = parse(read(path), { columns: true }) as Record<string, string>[]
    assert.deepEqual(more, [])
    assert.equal(row?.['payload_intact'], 'true')
    assert.equal(row?.['limit_emulated'], 'false')
    assert.equal(row?.['datagrams_lost'], '')
    assert.equal(row?.['delivery_ms'], '3.2768')
    assert.ok(read(path).endsWith('\r\n'))
    await writer.write(datagrams(1e9, 7))
    assert.equal(parse(read(path), { columns: true }).length, 2)
  })

  it('keeps commas, quotes, line breaks and other scripts', async () => {
    const path = fresh('.csv')
    const error_message = 'said "no",\r\nthen\nnothing – 写'
    const writer = openWriter(path, { overwrite: false })
    await writer.write(record({ error_message, file: ' a,b .png ' }))
    await writer.end()
    const [row] = parse(read(path), { columns: true }) as Record<string, string>[]
    assert.equal(row?.['error_message'], error_message)
    assert.equal(row?.['file'], ' a,b .png ')
  })

  it('carries no noise of the clock behind the nanosecond', () => {
    const text = encode('csv', [record({ delivery_ms: 1.1 + 2.2, goodput_bps: 1e9 / 3, loss_ratio: 1 / 3 })])
    assert.match(text, /,3\.3,/)
    assert.match(text, /,333333333\.333,/)
    assert.match(text, /,0\.333333333,/)
  })

  it('loses no finished row when the process is killed', async () => {
    const path = fresh('.csv')
    const writers = new URL('../../../results/store/writers.js', import.meta.url).href
    const samples = new URL('../../support/results-samples.js', import.meta.url).href
    const script = `
      const { openWriter } = await import(${JSON.stringify(writers)})
      const { stream } = await import(${JSON.stringify(samples)})
      const writer = openWriter(${JSON.stringify(path)}, { overwrite: false })
      for (let i = 0; i < 3; i++) await writer.write(stream(1e9))
      process.kill(process.pid, 'SIGKILL')`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script])
    assert.equal(child.signal, 'SIGKILL')
    assert.equal(parse(read(path), { columns: true }).length, 3)
  })
})

describe('a JSON file', () => {
  it('is a valid document after every row, and ends with the warnings', async () => {
    const path = fresh('.json')
    const writer = openWriter(path, { overwrite: false })
    assert.deepEqual(JSON.parse(read(path)), { schema_version: 1, records: [], warnings: [] })
    for (let count = 1; count <= 3; count++) {
      await writer.write(stream(1e9))
      assert.equal(JSON.parse(read(path)).records.length, count)
    }
    await writer.end([warning])
    const document = JSON.parse(read(path))
    assert.deepEqual(document.warnings, [warning])
    assert.equal(document.records[0].payload_intact, true)
    assert.equal('datagrams_lost' in document.records[0], false)
  })

  it('is the same text as that of all records at once', async () => {
    const records = [stream(1e9), datagrams(1e9, 1)]
    for (const extension of ['.csv', '.json', '.jsonl']) {
      const path = fresh(extension)
      const writer = openWriter(path, { overwrite: false })
      for (const each of records) await writer.write(each)
      await writer.end([warning])
      assert.equal(read(path), encode(formatOf(path), records, [warning]))
      const printed: string[] = []
      const out = streamWriter(formatOf(path), text => printed.push(text))
      for (const each of records) await out.write(each)
      await out.end([warning])
      await out.end()
      assert.equal(printed.join(''), read(path))
    }
  })
})

describe('opening a file', () => {
  const refuses = (path: string, message: RegExp, overwrite = false) =>
    assert.throws(
      () => openWriter(path, { overwrite }),
      (error: unknown) =>
        error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
    )

  it('never empties one that exists, unless asked to', async () => {
    const path = fresh('.csv')
    writeFileSync(path, 'precious')
    refuses(path, /exists; choose another name or pass --force$/)
    assert.equal(read(path), 'precious')
    await openWriter(path, { overwrite: true }).end()
    assert.match(read(path), /^run_id,/)
  })

  it('of a run that another one takes the place of loses no row, and says where they are', async () => {
    const path = fresh('.csv')
    const one = openWriter(path, { overwrite: false })
    await one.write(record({ run_id: 'one' }))
    const two = openWriter(path, { overwrite: true })
    await one.write(record({ run_id: 'one' }))
    await two.write(record({ run_id: 'two' }))
    const runs = (file: string) =>
      (parse(read(file), { columns: true }) as Record<string, string>[]).map(row => row['run_id'])
    let beside = ''
    await assert.rejects(one.end(), (error: unknown) => {
      beside = /its rows are in (\S+)$/.exec(String(error))?.[1] ?? ''
      return error instanceof SetupError && /replaced by another run/.test(error.message)
    })
    await two.end()
    assert.deepEqual(runs(path), ['two'])
    assert.deepEqual(runs(beside), ['one', 'one'])
  })

  it('says what is wrong with the place', () => {
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'plain'), '')
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.csv'))
    refuses(join(folder, 'sub'), /it is a folder; name a file in it/)
    refuses(join(folder, 'sub'), /it is a folder/, true)
    refuses(`${folder}/new/`, /it is a folder/)
    refuses(join(folder, 'missing', 'a.csv'), /there is no folder .*missing; create it with mkdir -p/)
    refuses(join(folder, 'plain', 'a.csv'), /plain is not a folder/)
    refuses(join(folder, `${'x'.repeat(300)}.csv`), /too long/)
    refuses(join(folder, 'dangling.csv'), /exists/)
    refuses('', /the name is empty/)
    refuses('a\0b.csv', /cannot write/)
  })

  it('makes the folder only where it is told to', async () => {
    const path = join(folder, 'deep', 'er', 'a.csv')
    await openWriter(path, { overwrite: false, makeFolder: true }).end()
    assert.ok(existsSync(path))
  })

  it('can be closed twice', async () => {
    const writer = openWriter(fresh('.csv'), { overwrite: false })
    await writer.end()
    await writer.end()
  })
})

/** Runs `script` where no file may hold more than 8,192 bytes: the write that would go beyond stops in its middle. */
function inFewBytes(script: string) {
  const node = [process.execPath, '--input-type=module', '-e', script]
  return spawnSync('bash', ['-c', 'ulimit -f 8; exec "$@"', 'bash', ...node], { encoding: 'utf8' })
}

describe('a full disk', { skip: !existsSync('/dev/full') && 'this system has no /dev/full' }, () => {
  it('is told in one line, before anything is measured', () => {
    assert.throws(
      () => openWriter('/dev/full', { overwrite: false }),
      (error: unknown) =>
        error instanceof SetupError &&
        /\/dev\/full: no space left there \(ENOSPC\); .*make room/.test(error.message),
    )
  })

  it('leaves no part of a row', async () => {
    for (const extension of ['.csv', '.json', '.jsonl']) {
      const path = fresh(extension)
      const writers = new URL('../../../results/store/writers.js', import.meta.url).href
      const samples = new URL('../../support/results-samples.js', import.meta.url).href
      const script = `
        process.on('SIGXFSZ', () => {})
        const { openWriter } = await import(${JSON.stringify(writers)})
        const { stream } = await import(${JSON.stringify(samples)})
        const writer = openWriter(${JSON.stringify(path)}, { overwrite: false })
        let rows = 0
        try { for (; rows < 1000; rows++) await writer.write(stream(1e9)) }
        catch (error) { console.log(rows + ' ' + error.name + ' ' + error.message) }
        await writer.end()`
      const child = inFewBytes(script)
      const [, rows, name] = /^(\d+) (\w+) /.exec(child.stdout) ?? []
      assert.equal(name, 'SetupError', child.stdout + child.stderr)
      assert.match(child.stdout, /the \d+ rows before it are kept/)
      const text = read(path)
      const kept =
        extension === '.csv'
          ? parse(text, { columns: true }).length
          : extension === '.json'
            ? JSON.parse(text).records.length
            : text
                .trimEnd()
                .split('\n')
                .map(line => JSON.parse(line)).length
      assert.equal(kept, Number(rows))
      assert.ok(kept > 0)
    }
  })

  it('leaves no part of an interval, and takes a smaller one', () => {
    const results = fresh('.csv')
    const intervals = new URL('../../../results/store/intervals.js', import.meta.url).href
    const script = `
      process.on('SIGXFSZ', () => {})
      const { IntervalsFile } = await import(${JSON.stringify(intervals)})
      const file = new IntervalsFile(${JSON.stringify(results)}, { overwrite: false })
      const kept = []
      for (const length of [3000, 3000, 3000, 10]) {
        try { file.write({ run_id: 'r'.repeat(length) }); kept.push(length) }
        catch (error) { console.error(error.message) }
      }
      console.log(JSON.stringify(kept))`
    const { stdout, stderr } = inFewBytes(script)
    assert.match(stderr, /^cannot write to .*; the intervals before it are kept; [^\n]*\n$/)
    assert.deepEqual(JSON.parse(stdout), [3000, 3000, 10])
    const rows = parse(read(intervalsPath(results)), { columns: true }) as Record<string, string>[]
    assert.deepEqual(
      rows.map(row => row['run_id']?.length),
      [3000, 3000, 10],
    )
  })
})

it('the format is that of the extension', () => {
  assert.deepEqual(
    ['a.json', 'A.JSON', 'a.jsonl', 'a.ndjson', 'a.csv', 'a', 'a.txt', '.json/a'].map(formatOf),
    ['json', 'json', 'jsonl', 'jsonl', 'csv', 'csv', 'csv', 'csv'],
  )
})

describe('a sink of a plug-in', () => {
  it('that never takes a row fails after a while, and is asked for nothing more', async context => {
    mock.timers.enable({ apis: ['setTimeout'] })
    context.after(() => mock.timers.reset())
    const calls: string[] = []
    const sink = {
      write: () => new Promise<never>(() => calls.push('write')),
      end: async () => void calls.push('end'),
      [Symbol.asyncDispose]: async () => void calls.push('dispose'),
    }
    const kind = { extension: '.odd', summary: 's', plugin: 'lines 1.0', open: () => sink }
    const writer = openWriter(fresh('.odd'), { overwrite: false }, manifest('run'), [kind])
    const written = writer.write(stream(2e9))
    mock.timers.tick(30_000)
    await assert.rejects(written, {
      name: 'SetupError',
      message:
        'the sink .odd of plug-in lines 1.0 fails in write: it is not done after 30 s; mend it, or name a .csv with --out',
    })
    await writer.end()
    await writer[Symbol.asyncDispose]()
    assert.deepEqual(calls, ['write'])
  })
})
