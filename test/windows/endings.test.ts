/** How commands end on Windows: by Ctrl-C in a console, and by being killed. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readCsv } from '../e2e/rows.ts'
import { test } from '../support/patient.ts'
import { eventually, notInSmoke, startInConsole, startOnWindows, windowsFolder } from './product.ts'

const CTRL_C = '\x03'
const ENDLESS = [
  'run',
  '--size',
  '50000',
  '--repeat',
  '500',
  '--processes',
  '1',
  '--warmup',
  '0',
  '--timeout',
  '120s',
]

test('Ctrl-C in a console: the rows so far are whole, and the exit code is 130', async context => {
  const cwd = windowsFolder(context)
  await using running = startInConsole([...ENDLESS, '--out', 'abgebrochen ü.csv'], cwd)
  const path = join(cwd, 'abgebrochen ü.csv')
  await running.until('rows', () => existsSync(path) && linesOf(path) > 4)
  running.write(CTRL_C)
  const { code, stdout } = await running.over()
  assert.equal(code, 130, stdout)
  assert.match(stdout, /interrupted after \d+ trials/)
  const rows = readCsv(path)
  assert(rows.length >= 3 && rows.length < 1500)
  assert.match(stdout, new RegExp(`${rows.length} rows in abgebrochen ü\\.csv`))
})

test('Ctrl-C ends a server with 0', { skip: notInSmoke }, async context => {
  await using server = startInConsole(['serve', '--listen', '127.0.0.1:0'], windowsFolder(context))
  await server.until('port', ({ stdout }) => stdout.includes('listening at'))
  server.write(CTRL_C)
  const { code, stdout } = await server.over()
  assert.equal(code, 0, stdout)
  assert.match(stdout, /"event":"closed"/)
})

test('of a command that is killed no agent stays', async context => {
  const cwd = windowsFolder(context)
  const path = join(cwd, 'beendet.csv')
  {
    await using running = startOnWindows([...ENDLESS, '--quiet', '--out', 'beendet.csv'], cwd)
    await running.until('rows', () => existsSync(path) && linesOf(path) > 4)
    assert.equal(agentsIn(cwd).length, 2)
  }
  await eventually('end of the agents', () => agentsIn(cwd).length === 0)
})

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length
}

/** The processes of agents that run in this folder. */
function agentsIn(cwd: string): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return /node\.exe\0.*agent\\main\.js/s.test(words) && readlinkSync(`/proc/${pid}/cwd`) === cwd
    } catch {
      return false
    }
  })
}
