/** What a file says of how its run was measured, in each format; and files that say nothing of it, or nonsense. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { expandResultNames } from '../../../bench/cli/file-names.ts'
import { appendRuns, historyFiles } from '../../../results/history/folder.ts'
import { readHistory } from '../../../results/history/history.ts'
import { readRecords, readTrials } from '../../../results/read/read.ts'
import { manifestPath } from '../../../results/schema/manifest.ts'
import { encode } from '../../../results/store/formats.ts'
import { openWriter } from '../../../results/store/writers.ts'
import { resultFiles } from '../../support/result-files.ts'
import { mainJob, manifest } from '../../support/results-samples.ts'

const OF_RUN = manifest('run --size 800k --chunk 1024')
const files = resultFiles()
after(() => files[Symbol.dispose]())
const FOLDER = dirname(files.write('empty', ''))

async function written(name: string): Promise<string> {
  const path = join(FOLDER, name)
  const writer = openWriter(path, { overwrite: true }, OF_RUN)
  for (const record of mainJob()) await writer.write(record)
  await writer.end()
  return path
}

describe('how a run was measured', () => {
  for (const name of ['a.csv', 'a.json', 'a.jsonl', 'plain'])
    test(`is read with the rows of ${name}`, async () => {
      const { records, manifests, problems } = await readRecords([await written(name)])
      assert.equal(records.length, mainJob().length)
      assert.deepEqual(manifests, [[OF_RUN]])
      assert.deepEqual(problems, [])
    })

  test('stands beside a CSV only, and names of results never mean it', async () => {
    const path = await written('beside.csv')
    assert.equal(manifestPath(path), join(FOLDER, 'beside.run.json'))
    assert.deepEqual(JSON.parse(readFileSync(manifestPath(path), 'utf8')), OF_RUN)
    await written('inside.jsonl')
    assert.ok(!readdirSync(FOLDER).includes('inside.run.json'))
    const all = join(FOLDER, 'beside.*')
    assert.deepEqual(expandResultNames([all]), [path])
    assert.deepEqual(expandResultNames([manifestPath(path)]), [manifestPath(path)])
  })

  test('is that of each run in files put together', async () => {
    const other = { ...OF_RUN, argv: ['run', 'other'] }
    const path = files.write(
      'both.jsonl',
      encode('jsonl', mainJob().slice(0, 2), [], OF_RUN) + encode('jsonl', mainJob().slice(2, 4), [], other),
    )
    assert.deepEqual((await readRecords([path])).manifests, [[OF_RUN, other]])
  })

  test('is missing without a word where the file of an older version says nothing', async () => {
    for (const format of ['csv', 'json', 'jsonl'] as const) {
      const path = files.write(`old.${format}`, encode(format, mainJob()))
      const { sets, manifests, problems } = await readTrials([path], { numbers: [] })
      assert.deepEqual([sets.length, manifests, problems], [1, [], []])
    }
  })

  for (const [what, text, message] of [
    ['no JSON', '{"record', /damaged\.run\.json cannot be used: it is not JSON$/],
    ['of a later version with other keys', '{"record":"run","manifest_version":2}', /version 2, newer than/],
    ['a list', '[]', /cannot be used: it is not as it should be$/],
    ['of a later version', JSON.stringify({ ...OF_RUN, manifest_version: 2 }), /version 2, newer than/],
    ['without its words', JSON.stringify({ ...OF_RUN, argv: 7 }), /argv is not as it should be$/],
  ] as const)
    test(`that is ${what} costs no row, and is told`, async () => {
      const path = files.write('damaged.csv', encode('csv', mainJob()))
      writeFileSync(manifestPath(path), text)
      const { records, manifests, problems } = await readRecords([path])
      assert.equal(records.length, mainJob().length)
      assert.deepEqual(manifests, [[]])
      assert.match(problems.map(each => each.message).join(), message)
      rmSync(manifestPath(path))
    })

  test('that is a pipe or a folder keeps nobody waiting', async () => {
    const path = files.write('pipe.csv', encode('csv', mainJob()))
    mkdirSync(manifestPath(path))
    const { manifests, problems } = await readRecords([path])
    assert.deepEqual(manifests, [[]])
    assert.match(
      problems[0]?.message ?? '',
      /pipe\.run\.json cannot be used: it is not a file of up to 64 MiB$/,
    )
  })

  test('takes the place of one whose rows are gone, and of nothing else', async () => {
    const path = await written('again.csv')
    rmSync(path)
    const other = { ...OF_RUN, argv: ['run', 'other'] }
    await openWriter(path, { overwrite: false }, other).end()
    assert.deepEqual(JSON.parse(readFileSync(manifestPath(path), 'utf8')), other)

    const precious = files.write('precious', 'precious')
    for (const place of ['file', 'link']) {
      rmSync(path)
      rmSync(manifestPath(path))
      if (place === 'file') writeFileSync(manifestPath(path), 'precious')
      else symlinkSync(precious, manifestPath(path))
      assert.throws(
        () => openWriter(path, { overwrite: false }, OF_RUN),
        /again\.run\.json: it exists; choose another name or pass --force$/,
      )
      assert.equal(readFileSync(manifestPath(path), 'utf8'), 'precious')
      assert.ok(!existsSync(path))
      writeFileSync(path, '')
    }
  })

  test('is no result itself', async () => {
    await assert.rejects(
      readRecords([manifestPath(await written('named.csv'))]),
      /it says how a run was measured; name the file of its results/,
    )
  })

  test('is kept with the run in a history', async () => {
    const folder = join(FOLDER, 'kept')
    const [kept] = appendRuns(folder, mainJob(), OF_RUN)
    assert.deepEqual(historyFiles(folder), [kept?.path])
    assert.deepEqual((await readHistory(folder, { numbers: [] })).manifests, [OF_RUN])
  })
})
