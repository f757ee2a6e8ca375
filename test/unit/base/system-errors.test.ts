import assert from 'node:assert/strict'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SetupError, UsageError } from '../../../base/errors.ts'
import {
  describeSystemError,
  fileError,
  isForbidden,
  moreDescriptors,
  reasonOf,
  remedyOf,
} from '../../../base/system-errors.ts'

const errorOf = (code: string) => Object.assign(new Error(`${code}: something, open 'x'`), { code })

/** What the system throws. */
function thrownBy(action: () => void): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  assert.fail('nothing was thrown')
}

test('a reason is words, without a path; an unknown code stays a code, and what has none its message', () => {
  assert.equal(
    reasonOf(thrownBy(() => openSync(join(import.meta.dirname, 'nothing'), 'r'))),
    'it does not exist',
  )
  assert.equal(
    reasonOf(thrownBy(() => openSync(join(import.meta.filename, 'x'), 'r'))),
    'a part of its path is not a folder',
  )
  assert.equal(reasonOf(errorOf('EWEIRD')), 'EWEIRD')
  assert.equal(reasonOf(new Error('a\nb')), 'a b')
  assert.equal(reasonOf('text'), 'text')
})

test('what the caller says comes first, then the table, then what is left', () => {
  const remedies = {
    EACCES: 'ask for it',
    ENOENT: ['it is gone', 'make it'],
    otherwise: 'go elsewhere',
  } as const
  const lineOf = (code: string) => describeSystemError('cannot open x', errorOf(code), remedies)
  assert.equal(lineOf('EACCES'), 'cannot open x: permission denied; ask for it')
  assert.equal(lineOf('ENOENT'), 'cannot open x: it is gone; make it')
  assert.equal(lineOf('ENOSPC'), 'cannot open x: no space left there (ENOSPC); make room, or go elsewhere')
  assert.equal(lineOf('EDQUOT'), 'cannot open x: no space left there (EDQUOT); make room, or go elsewhere')
  assert.equal(lineOf('EIO'), 'cannot open x: the device fails (EIO); go elsewhere')
  assert.match(lineOf('EMFILE'), /: EMFILE; [^;]*ulimit -n 1024$/)
  assert.equal(lineOf('EROFS'), 'cannot open x: the file system is read-only; go elsewhere')
  assert.equal(lineOf('EWEIRD'), 'cannot open x: EWEIRD; go elsewhere')
  assert.equal(
    describeSystemError('cannot open x', errorOf('ENOSPC'), remedies, '3 rows are kept'),
    'cannot open x: no space left there (ENOSPC); 3 rows are kept; make room, or go elsewhere',
  )
})

test('another name helps, or the machine is out of something: 2 or 1', () => {
  const remedies = { EBUSY: 'wait', otherwise: 'name another' }
  for (const [code, expected] of [
    ['ENOENT', UsageError],
    ['EROFS', UsageError],
    ['EBUSY', UsageError],
    ['ENOSPC', SetupError],
    ['EMFILE', SetupError],
    ['EWEIRD', SetupError],
  ] as const) {
    const error = fileError('cannot write to x', errorOf(code), remedies)
    assert.ok(error instanceof expected, code)
    assert.ok(error.cause instanceof Error)
  }
})

test('a firewall, and descriptors that have run out, are known by their codes', () => {
  assert.deepEqual(['EPERM', 'EACCES', 'ENOENT', undefined].map(isForbidden), [true, true, false, false])
  assert.match(moreDescriptors('spawn node EMFILE') ?? '', /ulimit -n 1024/)
  assert.match(moreDescriptors('ENFILE: file table overflow') ?? '', /end other programs/)
  assert.equal(moreDescriptors('NOTEMFILE'), undefined)
  assert.equal(moreDescriptors(undefined), undefined)
  assert.equal(remedyOf('toString'), undefined)
})
