/** UDP that a firewall forbids, or whose header it drops: every command says so, and a gate fails. In a network of its own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext } from 'node:test'
import { withoutNat } from '../support/lab.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { bench } from './cli.ts'
import { readCsv } from './rows.ts'

const SKIP = withoutNamespaces() || withoutNat()
const CASE = ['--transport', 'udp-header,udp-marker', '--size', '16k', '--repeat', '4', '--warmup', '0']

describe('UDP behind a firewall', { skip: SKIP }, () => {
  let namespace: Namespace | undefined
  let cwd = ''
  const words = () => namespace?.words ?? []
  const told = async (command: readonly string[]) => {
    const { code, stdout, stderr } = await bench(command, { cwd, at: words() })
    return { code, text: (stdout + stderr).replaceAll(/\s+/g, ' ') }
  }
  before(async () => {
    if (SKIP !== false) return
    namespace = new Namespace(65_536)
    cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const base = await told(['run', ...CASE, '-q', '--no-chart', '--out', 'base.csv'])
    assert.equal(base.code, 0, base.text)
    assert.doesNotMatch(base.text, /refused in|damage|lost in \d/)
  })
  after(() => {
    namespace?.[Symbol.dispose]()
    if (cwd !== '') rmSync(cwd, { recursive: true })
  })
  const nft = (line: string) => {
    const [command = '', ...at] = words()
    const { status, stderr } = spawnSync(command, [...at, 'nft', line], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
  const drop = (context: TestContext, hook: string, rule: string) => {
    context.after(() => nft('delete table inet f'))
    const chain = `add chain inet f c { type filter hook ${hook} priority 0; }`
    for (const line of ['add table inet f', chain, `add rule inet f c ${rule} drop`]) nft(line)
  }

  test('of the sender, which forbids it: it fails a gate, and every command names cause and remedy', async context => {
    drop(context, 'output', 'meta l4proto udp')
    const gate = await told(['check', '--baseline', 'base.csv', '--out', 'dead.csv', '-q'])
    assert.equal(gate.code, 3, gate.text)
    for (const name of ['udp-header', 'udp-marker'])
      assert.match(
        gate.text,
        new RegExp(`${name}: none of 4 trials delivered \\(EPERM\\); all 4 trials did in the baseline`),
      )
    assert.match(gate.text, /nft list ruleset/)

    const compared = await told(['compare', 'base.csv', 'dead.csv'])
    assert.match(compared.text, /udp-header in dead\.csv: of 4 trials 4 never began \(EPERM\)/)
    assert.doesNotMatch(compared.text, /No datagram was lost or refused/)

    const run = await told(['run', ...CASE, '-q', '--no-chart', '--out', 'again.csv'])
    assert.match(run.text, /the header or marker before the payload refused in 8 of 8 trials \(EPERM\)/)
    assert.match(run.text, /nft list ruleset/)

    writeFileSync(join(cwd, 'file'), 'x'.repeat(100))
    const sent = await told(['send', 'file', '127.0.0.1:9999', '--transport', 'udp-header'])
    assert.equal(sent.code, 1)
    assert.match(sent.text, /the system refused a datagram of 8 B \(EPERM\); .*nft list ruleset/)
  })

  test('on the way, which drops its header or marker: it is not damaged, and fails a gate', async context => {
    drop(context, 'input', 'meta l4proto udp udp length { 11, 16 }')
    const run = await told(['run', ...CASE, '-q', '--no-chart', '--out', 'now.csv'])
    assert.match(run.text, /was lost in \d+ trials/)
    assert.doesNotMatch(run.text, /damage|changed on the path/)
    const facts = (file: string) =>
      readCsv(join(cwd, file)).map(row => [row.datagram_bytes, row.beginning_arrived])
    assert.deepEqual(facts('base.csv'), Array(8).fill([1024, true]))
    assert.deepEqual(facts('now.csv'), Array(8).fill([1024, false]))
    const gate = await told(['check', 'now.csv', '--baseline', 'base.csv'])
    assert.equal(gate.code, 3, gate.text)
    assert.match(gate.text, /udp-header: none of 4 trials delivered \(HEADER_LOST\)/)
    assert.match(gate.text, /udp-marker: none of 4 trials delivered \(BEGIN_LOST\)/)
  })
})
