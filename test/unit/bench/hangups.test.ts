/** Traces that nohup leaves, in a folder that looks like /proc. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { outlivesTerminal } from '../../../bench/cli/hangups.ts'

function withProc(
  { flags = '02100000', input = '/dev/null', ignored = '0000000000001000' },
  body: (proc: string) => void,
): void {
  const proc = mkdtempSync(join(tmpdir(), 'bench-proc-'))
  try {
    for (const name of ['self/fdinfo', 'self/fd', String(process.ppid)])
      mkdirSync(join(proc, name), { recursive: true })
    writeFileSync(join(proc, 'self/fdinfo/0'), `pos:\t0\nflags:\t${flags}\nmnt_id:\t23\n`)
    symlinkSync(input, join(proc, 'self/fd/0'))
    writeFileSync(join(proc, String(process.ppid), 'status'), `SigBlk:\t0\nSigIgn:\t${ignored}\nSigCgt:\t1\n`)
    body(proc)
  } finally {
    rmSync(proc, { recursive: true })
  }
}

test('a process outlives its terminal where nohup, or a shell that ignores hangups, began it', () => {
  withProc({}, proc => {
    assert.equal(outlivesTerminal({ _: '/usr/bin/nohup' }, proc), true)
    assert.equal(outlivesTerminal({ _: '/usr/bin/node' }, proc), false)
    assert.equal(outlivesTerminal({}, proc), false)
  })
  withProc({ flags: '02100001' }, proc => assert.equal(outlivesTerminal({}, proc), true))
  // Something else that can only be written.
  withProc({ flags: '0100001', input: '/tmp/log' }, proc => assert.equal(outlivesTerminal({}, proc), false))
  withProc({ ignored: '0000000000001001' }, proc => assert.equal(outlivesTerminal({}, proc), true))
})

test('where there is no /proc, a process ends with its terminal unless its shell says nohup', () => {
  assert.equal(outlivesTerminal({}, '/nowhere'), false)
  assert.equal(outlivesTerminal({ _: '/bin/nohup' }, '/nowhere'), true)
})
