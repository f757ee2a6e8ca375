/** A stored file that may not be read is one line with the same remedy, whatever reads it. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { readToken } from '../../../bench/cli/secrets.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { readHistory } from '../../../results/history/history.ts'
import { readRecords } from '../../../results/read/read.ts'
import { manifestPath } from '../../../results/schema/manifest.ts'
import { encode } from '../../../results/store/formats.ts'
import { openWriter } from '../../../results/store/writers.ts'
import { loadScenario } from '../../../scenarios/load.ts'
import { namesIn } from '../../../scenarios/settings/known.ts'
import { test } from '../../support/patient.ts'
import { mainJob, manifest } from '../../support/results-samples.ts'
import { unprivileged, withoutNobody } from '../../support/unprivileged.ts'

const skip = withoutNobody
const FOLDER = mkdtempSync(join(tmpdir(), 'bench-unreadable-'))
chmodSync(FOLDER, 0o777)
after(() => rmSync(FOLDER, { recursive: true }))

/** A file of this name that nobody may read. */
function locked(name: string, text = 'size: 1k\n'): string {
  const path = join(FOLDER, name)
  rmSync(path, { force: true })
  writeFileSync(path, text)
  chmodSync(path, 0)
  return path
}

const rows = encode('csv', mainJob())

for (const [what, read] of Object.entries({
  'a file of results': () => readRecords([locked('a.csv', rows)]),
  'the manifest beside one': async () => {
    const path = join(FOLDER, 'beside.csv')
    writeFileSync(path, rows)
    locked('beside.run.json', '{}')
    const { problems } = await readRecords([path])
    throw new Error(problems.map(each => each.message).join('\n'))
  },
  'a run of a history': async () => {
    locked('a.csv', rows)
    const { problems } = await readHistory(FOLDER, { numbers: [] })
    throw new Error(problems.find(each => each.path.endsWith('a.csv'))?.message)
  },
  'a scenario': async () => loadScenario(locked('a.yaml'), { known: namesIn(BUILT_IN) }),
  'a token': async () => readToken(locked('token'), undefined),
}))
  test(`${what} that may not be read`, { skip }, () =>
    assert.rejects(unprivileged<unknown>(read), {
      message:
        /^(?:--token-file: |\S+beside\.csv: )?cannot read [^\n]*: permission denied; make it readable, as with chmod \+r$/,
    }),
  )

test('a manifest that may not be read is not taken for one of a file that has gone', { skip }, async () => {
  const path = join(FOLDER, 'new.csv')
  locked('new.run.json', 'precious')
  assert.equal(manifestPath(path), join(FOLDER, 'new.run.json'))
  await assert.rejects(
    unprivileged(async () => openWriter(path, { overwrite: false }, manifest('run'))),
    /new\.run\.json: it exists; choose another name or pass --force$/,
  )
})
