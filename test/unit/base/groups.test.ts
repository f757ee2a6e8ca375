import assert from 'node:assert/strict'
import { test } from 'node:test'
import { largestOf, smallestOf, sumOf, tellApart } from '../../../base/groups.ts'

test('extremes and sums pass over what has no number, and are of any number of items', () => {
  const items = [undefined, 3, Number.NaN, -2, 7]
  const own = (item: number | undefined) => item
  assert.deepEqual([smallestOf(items, own), largestOf(items, own), sumOf(items, own)], [-2, 7, 8])
  assert.deepEqual(
    [smallestOf([], own), largestOf([Number.NaN], own), sumOf([], own)],
    [undefined, undefined, 0],
  )
  const many = new Float64Array(1_000_000).map((_, index) => index)
  assert.deepEqual([smallestOf(many, own), largestOf(many, own)], [0, 999_999])
  assert.equal(largestOf([1, Number.POSITIVE_INFINITY], own), Number.POSITIVE_INFINITY)
})

test('labels that are the same get numbers, also beside one that has such a number', () => {
  assert.deepEqual(tellApart(['a', 'b', 'a', 'a (2)', 'a']), ['a', 'b', 'a (2)', 'a (2) (2)', 'a (3)'])
})
