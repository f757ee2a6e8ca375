/** Whether a file is still the one that was opened, by what the system says of both. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameFile } from '../../../results/store/text-file.ts'

test('a file is the same by its number and its device; on Windows, where devices have two lengths, by its number', () => {
  const byPath = { ino: 562949953495421, dev: 0x7a24 * 2 ** 48 + 0x9c3f_8e21 }
  const byDescriptor = { ino: 562949953495421, dev: 0x9c3f_8e21 }
  assert.equal(isSameFile(byPath, byDescriptor, 'win32'), true)
  assert.equal(isSameFile(byPath, byDescriptor, 'linux'), false)
  assert.equal(isSameFile(byPath, byPath, 'linux'), true)
  for (const platform of ['win32', 'linux'] as const)
    assert.equal(isSameFile(byPath, { ...byPath, ino: 562949953495422 }, platform), false)
})
