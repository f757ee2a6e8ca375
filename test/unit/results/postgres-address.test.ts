/** A password is neither in the words that psql gets, nor in a message. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { addressOf } from '../../../results/postgres/address.ts'

it('is handed over apart from the address', () => {
  for (const [url, address, password] of [
    ['postgres://me:s3c%2Fret%40@db.example:5433/bench', 'postgres://me@db.example:5433/bench', 's3c/ret@'],
    ['postgresql://me:a:b%@h,h2/x?sslmode=require', 'postgresql://me@h,h2/x?sslmode=require', 'a:b%'],
    ['postgres://me:@h/x', 'postgres://me@h/x', ''],
    ['postgres://:s3cret@h', 'postgres://@h', 's3cret'],
    ['postgres://me@h/x', 'postgres://me@h/x', undefined],
    ['postgres://[::1]:5432/x', 'postgres://[::1]:5432/x', undefined],
    ['postgres:///x?host=%2Ftmp', 'postgres:///x?host=%2Ftmp', undefined],
  ] as const)
    assert.deepEqual(addressOf(url), { address, password }, url)
})

it('is not in what is said about a URL that cannot be used', () => {
  for (const [url, part] of [
    ['postgres://me:s3c?ret@host/db', 'percent-encode'],
    ['postgres://me:s3cr@et99@host/db', 'percent-encode'],
    ['postgres://me:s3c/ret99@host/db', 'percent-encode'],
    ['postgres://me@host/db?application_name=s3c@ret', 'percent-encode'],
    ['mysql://me:s3c/ret@h/db', 'a URL of mysql:// is not one of it'],
    ['me:s3cret@h/db', 'the first word is not one of it'],
    ['postgres://host/db?password=s3cret', 'PGPASSWORD'],
    ['postgres://host/db?sslmode=require&sslpassword=s3cret', 'PGPASSWORD'],
    ['postgres://host/db?pass%77ord=s3cret', 'PGPASSWORD'],
  ] as const)
    assert.throws(
      () => addressOf(url),
      (thrown: unknown) => {
        assert(thrown instanceof UsageError)
        assert(thrown.message.includes(part), thrown.message)
        assert.doesNotMatch(thrown.message, /s3c|ret|et99/)
        return true
      },
    )
})
