/** What is measured within Windows: the main command, every transport, EMSGSIZE at the byte. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { assertLaw, assertRounds, parseRows, readCsv } from '../e2e/rows.ts'
import { test } from '../support/patient.ts'
import { benchOnWindows, notInSmoke, QUICK, ROWS, windowsFolder } from './product.ts'

const TRANSFERS = 'tcp,tls,udp-header,udp-marker,udp-datagram,udp-stop-and-wait,udp-arq,udp-multicast'

describe('within Windows', () => {
  for (const { rounds, skip } of [
    { rounds: 3, skip: false },
    { rounds: 20, skip: notInSmoke },
  ])
    test(`the main command, ${rounds} rounds`, { skip }, async context => {
      const cwd = windowsFolder(context)
      const words = [
        'run',
        '--size',
        '800k',
        '--chunk',
        '1024',
        '--repeat',
        String(rounds),
        '--out',
        'erste messung ü.csv',
      ]
      const { code, stdout, stderr } = await benchOnWindows(words, cwd)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^transport +goodput/m)
      assert.match(stderr, new RegExp(`^${3 * rounds} rows in erste messung ü\\.csv$`, 'm'))
      const rows = readCsv(join(cwd, 'erste messung ü.csv'))
      assertRounds(rows, rounds, 3)
      assertLaw(rows)
      assert.deepEqual(
        new Set(rows.map(row => `${row.transport} ${row.os} ${row.engine}`)),
        new Set(['tcp win32 node', 'udp-header win32 node', 'udp-marker win32 node']),
      )
      for (const row of rows) {
        assert.match(row.outcome, row.transport === 'tcp' ? /^completed$/ : /^(completed|incomplete)$/)
        if (row.outcome === 'completed') assert.equal(row.payload_intact, true)
      }
      assert(existsSync(join(cwd, 'erste messung ü.run.json')))
    })

  for (const { engine, transfers } of [
    { engine: 'node', transfers: TRANSFERS },
    // Its streams have no TLS, and Wine joins no group by its calls.
    {
      engine: 'native',
      transfers: TRANSFERS.replace(/,tls|,udp-multicast/g, ''),
    },
  ])
    test(`${engine}: every transport carries a payload whole, and messages are answered`, async context => {
      const transports = `${transfers},messages-udp,messages-tcp,echo-udp,echo-tcp,stamp`
      const words = ['--transport', transports, '--messages', '5', '--engine', engine]
      const { code, stdout, stderr } = await benchOnWindows(
        ['run', '--size', '10000', ...words, ...ROWS],
        windowsFolder(context),
      )
      assert.deepEqual([code, stderr], [0, ''])
      const rows = parseRows(stdout)
      assert.equal(rows.length, transports.split(',').length)
      for (const row of rows) {
        assert.deepEqual([row.outcome, row.engine], ['completed', engine], JSON.stringify(row))
        if (row.workload === 'transfer') assert.equal(row.payload_intact, true, JSON.stringify(row))
      }
    })

  test('native: the same limits, and no option of others', { skip: notInSmoke }, async context => {
    const cwd = windowsFolder(context)
    const native = ['run', '--engine', 'native', '--transport', 'udp-datagram', ...ROWS]
    const sizes = ['--size', '65507,65508', '--chunk', '65508', '-4']
    const { code, stdout, stderr } = await benchOnWindows([...native, ...sizes], cwd)
    assert.equal(code, 0, stderr)
    assert.deepEqual(
      parseRows(stdout)
        .map(row => [row.size_bytes, row.outcome, row.error_code, row.sender_binding])
        .sort(),
      [
        [65_507, 'completed', undefined, 'koffi'],
        [65_508, 'refused', 'EMSGSIZE', 'koffi'],
      ],
    )
    for (const [words, reason] of [
      [['--offload', 'gso'], /this kernel does not know it/],
      [['--batch', '8'], /this system does not have it; leave it out/],
    ] as const) {
      const refused = await benchOnWindows([...native, '--size', '1000', ...words], cwd)
      assert.equal(refused.code, 2, refused.stderr)
      assert.match(refused.stderr, reason)
    }
  })

  for (const [flag, most] of [
    ['-4', 65_507],
    ['-6', 65_527],
  ] as const)
    test(`datagrams of ${most} B are taken at ${flag}, and one byte more is EMSGSIZE`, async context => {
      const sizes = [most, most + 1].join(',')
      const words = ['--transport', 'udp-datagram,udp-header,udp-marker', '--size', sizes, '--chunk', sizes]
      const { code, stdout, stderr } = await benchOnWindows(
        ['run', flag, ...words, ...ROWS],
        windowsFolder(context),
      )
      assert.deepEqual([code, stderr], [0, ''])
      const rows = parseRows(stdout)
      assert.equal(rows.length, 10)
      assertLaw(rows)
      for (const row of rows) {
        const largest =
          row.transport === 'udp-datagram' ? row.size_bytes : Math.min(row.size_bytes ?? 0, row.chunk_bytes)
        const isOver = largest === most + 1
        const expected = [
          isOver ? 'refused' : 'completed',
          isOver ? most + 1 : undefined,
          isOver ? 'EMSGSIZE' : undefined,
        ]
        assert.deepEqual(
          [row.outcome, row.refused_datagram_bytes, row.error_code],
          expected,
          JSON.stringify(row),
        )
      }
    })

  test('the limit of macOS can be rehearsed, and a way emulated', { skip: notInSmoke }, async context => {
    const cwd = windowsFolder(context)
    const mac = [
      'run',
      '--os-profile',
      'macos',
      '--transport',
      'udp-datagram',
      '--size',
      '9216,9217',
      ...ROWS,
    ]
    const limited = await benchOnWindows(mac, cwd)
    assert.deepEqual([limited.code, limited.stderr], [0, ''])
    assert.deepEqual(
      parseRows(limited.stdout)
        .map(row => [row.size_bytes, row.outcome])
        .sort(),
      [
        [9216, 'completed'],
        [9217, 'refused'],
      ],
    )
    const way = [
      'run',
      '--impair',
      'delay=20ms',
      '--transport',
      'tcp,udp-datagram',
      '--size',
      '1000',
      ...ROWS,
    ]
    const impaired = await benchOnWindows(way, cwd)
    assert.equal(impaired.code, 0, impaired.stderr)
    for (const row of parseRows(impaired.stdout)) {
      assert.equal(row.outcome, 'completed', JSON.stringify(row))
      assert((row.total_ms ?? 0) >= 20, JSON.stringify(row))
    }
  })

  test('doctor and probe find the limits of Windows', { skip: notInSmoke }, async context => {
    const cwd = windowsFolder(context)
    const doctor = await benchOnWindows(['doctor'], cwd)
    assert.equal(doctor.code, 0, doctor.stderr)
    assert.match(doctor.stdout, /datagram, IPv4 +65,507 B is the largest accepted \(65,508 B: EMSGSIZE\)/)
    assert.match(
      doctor.stdout,
      /engine native +is untested here: [^\n]+\n +→ it is used only with --engine native/,
    )
    const { code, stderr } = await benchOnWindows(['probe', '--quiet', '--save', 'grenzen ü.yaml'], cwd)
    assert.equal(code, 0, stderr)
    assert.match(readFileSync(join(cwd, 'grenzen ü.yaml'), 'utf8'), /65507/)
  })

  test('what needs Linux is refused in one line', { skip: notInSmoke }, async context => {
    const cwd = windowsFolder(context)
    const asked = [
      '--pin 0,1',
      '--df do',
      '--interface lo',
      '--dscp 10',
      '--impair delay=1ms --impair-with tun',
    ]
    const endings = asked.map(flags => benchOnWindows(['run', ...flags.split(' '), ...QUICK], cwd))
    for (const { code, stderr } of await Promise.all(endings)) {
      assert.equal(code, 2, stderr)
      assert.match(stderr, /^bench: [^\n]+Linux[^\n]*\n$/)
    }
  })
})
