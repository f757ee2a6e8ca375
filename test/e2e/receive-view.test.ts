/** `bench receive --view`: the command, from what is sent to what is shown. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe } from 'node:test'
import { makePayload } from '../../transports/payload/made.ts'
import { test } from '../support/patient.ts'
import { bench, benchProcess, folder, PICTURE, startBench } from './cli.ts'

const HANG = { timeout: 60_000 }

describe('bench receive --view', { concurrency: 2 }, () => {
  test(
    'shows what several services received, saves nothing without --dir, and ends with Ctrl-C',
    HANG,
    async context => {
      const cwd = folder(context)
      writeFileSync(join(cwd, 'made.bmp'), makePayload('bmp', 60_000, 1))
      await using running = startBench(['receive', 'udp-header:0', 'tcp:0', '--view', '0'], { cwd })
      await running.until('its page', () => /shown at/.test(running.stderr))
      const [, udp = ''] = /udp-header at 127\.0\.0\.1:(\d+)/.exec(running.stderr) ?? []
      const [, tcp = ''] = /for tcp at 127\.0\.0\.1:(\d+)/.exec(running.stderr) ?? []
      const [, url = ''] = /shown at (http:\S+)/.exec(running.stderr) ?? []
      for (const [file, port, transport] of [
        [PICTURE, udp, 'udp-header'],
        ['made.bmp', tcp, 'tcp'],
      ] as const) {
        const sent = await bench(['send', file, `127.0.0.1:${port}`, '--transport', transport], { cwd })
        assert.equal(sent.code, 0, sent.stderr)
      }
      await running.until('both lines', () => running.stdout.trim().split('\n').length === 2)
      const list = JSON.parse(await (await fetch(`${url}list`)).text())
      assert.deepEqual(
        list.map(({ line, size }: { line: string; size: object }) => [
          line.split(' · ').slice(0, 2).join(),
          size !== undefined,
        ]),
        [
          ['0002,tcp', true],
          ['0001,udp-header', true],
        ],
      )
      const page = await fetch(url)
      assert.match(await page.text(), /<title>Received pictures<\/title>/)
      running.kill('SIGINT')
      const { code } = await running.over()
      assert.equal(code, 130)
      await assert.rejects(fetch(url))
    },
  )

  test('what it cannot do is said in a line', HANG, async context => {
    const cwd = folder(context)
    const taken = createServer().listen(0, '127.0.0.1')
    context.after(() => taken.close())
    await new Promise(resolve => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    for (const [words, exit, said] of [
      [
        ['tcp:0', '--view', port],
        1,
        /cannot bind TCP port \d+ at 127\.0\.0\.1: already in use; .*--view PORT/,
      ],
      [['tcp:0', '--view', '65536'], 2, /--view: not a whole number from 0 to 65535: "65536"/],
      [['tcp:0', '--view'], 2, /--view needs a value/],
      [['echo-udp:0', '--view', '0'], 2, /--view is for files, but echo-udp answers messages/],
    ] as const) {
      const { code, stdout, stderr } = await benchProcess(['receive', ...words], { cwd })
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [exit, '', 1], stderr)
      assert.match(stderr, said)
    }
  })
})
