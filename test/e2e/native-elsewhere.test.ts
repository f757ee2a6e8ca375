/**
 * The native engine's paths for FreeBSD, macOS and Windows, over a C library of these systems that is emulated here: each in a process of its own,
 * which takes itself for one of that system. How those kernels behave, nobody has seen.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { test } from '../support/patient.ts'

const SUITE = fileURLToPath(new URL('../support/foreign/compliance.js', import.meta.url))

for (const system of ['freebsd', 'darwin', 'win32'])
  test(`as on ${system}, every transport complies`, {
    skip: obstacleToNative() ?? false,
    timeout: 600_000,
  }, async () => {
    // Without it, the inner runner reports to this one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', SUITE], {
      env: { ...env, FOREIGN: system },
      maxBuffer: 64 * 2 ** 20,
    }).catch(({ stdout }: { stdout: string }) => ({ stdout }))
    const failed = stdout.split('\n').filter(line => /^ *not ok/.test(line))
    assert.deepEqual(failed, [])
    assert(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > 500, stdout.slice(-2000))
  })
