/** Errors that concern one datagram, made by a firewall of a network of its own, on both engines: nothing ends, everything is counted. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { ENGINES } from '../support/engines.ts'
import { withoutNat } from '../support/lab.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { assertLaw, parseRows } from './rows.ts'

const SKIP = withoutNamespaces() || withoutNat()
/** Of both families: payload datagrams of 1,000 bytes and more, some of them. */
const SOME = 'udp dport 1024-65535 udp length > 1000 numgen random mod 100 < 4'

describe('a firewall', { concurrency: 2, skip: SKIP }, () => {
  for (const engine of ENGINES) {
    describe(engine, { concurrency: 1 }, () => {
      let namespace: Namespace | undefined
      before(() => {
        if (!SKIP) namespace = new Namespace(65_536)
      })
      after(() => namespace?.[Symbol.dispose]())
      const rows = (context: TestContext, hook: string, rule: string) => {
        assert(namespace)
        return measured(context, namespace, engine, hook, rule)
      }

      test('of the sender drops some of what it sends (EPERM)', async context => {
        for (const row of await rows(context, 'output', `${SOME} drop`)) {
          assert.ok(['completed', 'incomplete', 'refused'].includes(row.outcome), JSON.stringify(row))
          assert.ok((row.sends_repeated ?? 0) > 0, JSON.stringify(row))
          // A busy receiver may lose the end of a transfer, which has a code of its own.
          assert.equal(row.error_code === 'EPERM', (row.datagrams_refused ?? 0) > 0, JSON.stringify(row))
        }
      })

      test('of the sender rejects some of what it sends', async context => {
        for (const row of await rows(context, 'output', `${SOME} reject`))
          assert.ok(['completed', 'incomplete', 'refused'].includes(row.outcome), JSON.stringify(row))
      })

      test('of the receiver answers some with an ICMP (EHOSTUNREACH)', async context => {
        const rule = `${SOME} reject with icmpx type admin-prohibited`
        for (const row of await rows(context, 'input', rule)) {
          assert.equal(row.outcome, 'incomplete', JSON.stringify(row))
          assert.equal(row.datagrams_refused, 0)
          assert.ok((row.datagrams_lost ?? 0) > 0)
        }
      })
    })
  }
})

async function measured(
  context: TestContext,
  namespace: Namespace,
  engine: string,
  hook: string,
  rule: string,
): Promise<TrialRecord[]> {
  nft(namespace, 'add table inet f')
  nft(namespace, `add chain inet f c { type filter hook ${hook} priority 0; }`)
  nft(namespace, `add rule inet f c ${rule}`)
  const words = ['--transport', 'udp-header,udp-marker', '--size', '800k', '--rate', '400M']
  const fixed = ['--repeat', '2', '--warmup', '0', '--format', 'jsonl', '--quiet', '--engine', engine]
  const at = namespace.words
  const { stdout, stderr } = await bench(['run', ...words, ...fixed], { cwd: folder(context), at })
  nft(namespace, 'delete table inet f')
  const rows = parseRows(stdout)
  assert.equal(rows.length, 4, stderr)
  assertLaw(rows)
  return rows
}

function nft(namespace: Namespace, words: string): void {
  const { status, stderr } = spawnSync('ip', [...namespace.words.slice(1), 'nft', words], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
}
