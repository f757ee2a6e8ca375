/** Hello, challenge, proof, welcome: who is let in, and what is said to who is not. */
import assert from 'node:assert/strict'
import { type Duplex, Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { PROTOCOL } from '../../../bench/fleet/calls/protocol.ts'
import { BENCH_VERSION } from '../../../bench/fleet/facts/environment.ts'
import { Channel } from '../../../bench/fleet/link/channel.ts'
import { encodeFrame } from '../../../bench/fleet/link/frames.ts'
import { greet, visit } from '../../../bench/fleet/link/handshake.ts'
import { LinkError } from '../../../bench/fleet/link/link.ts'
import { newNonce } from '../../../bench/fleet/link/proof.ts'
import { type Door, open, pair, serve, WELCOME } from '../../support/control-pair.ts'
import { NEVER } from '../../support/transfers.ts'

const TOKEN = 'a token of enough letters'

/** Both sides; what each came to: `in`, or the code and reason. */
async function meet(token: string | undefined, door: Door) {
  const { client, server } = pair()
  const serving = serve(server, door)
  const channel = new Channel(client)
  try {
    const welcome = await greet(channel, token, NEVER)
    return { welcome, code: 'in', message: '', server: await serving, channel }
  } catch (error) {
    assert(error instanceof LinkError)
    client.end()
    return { welcome: undefined, code: error.code, message: error.message, server: await serving, channel }
  }
}

/** A client against what is no server of ours: it says this, whatever is said. */
async function greeted(said: Buffer | readonly object[], token?: string) {
  const { client, server } = pair()
  const bytes = Buffer.isBuffer(said) ? said : Buffer.concat(said.map(frame))
  server.resume()
  Readable.from([bytes]).pipe(server, { end: false })
  await assert.rejects(greet(new Channel(client), token, NEVER), error => {
    told = error
    return error instanceof LinkError
  })
  server.destroy()
  return told as LinkError
}
let told: unknown

function frame(message: unknown): Buffer {
  return encodeFrame(Buffer.from(JSON.stringify(message)))
}

/** A server against what is no client of ours. */
async function answered(said: Buffer, door: Door = {}) {
  const { client, server } = pair()
  const heard = collected(client)
  client.write(said)
  const outcome = await serve(server, door)
  return { outcome, heard: heard() }
}

function collected(stream: Duplex): () => string {
  let text = ''
  stream.on('data', bytes => {
    text += bytes.toString('latin1')
  })
  stream.on('error', () => {})
  return () => text
}

const hello = (over: object = {}) => ({
  type: 'hello',
  protocol: PROTOCOL,
  version: BENCH_VERSION,
  nonce: newNonce(),
  ...over,
})

describe('a client and a server', () => {
  test('with one token know each other, and what they say is sealed', async () => {
    const { client, server } = pair()
    const there = new Channel(server)
    const [welcome, who] = await Promise.all([
      greet(new Channel(client), TOKEN, NEVER),
      open(there, { token: TOKEN }),
    ])
    assert.deepEqual(welcome.engines, WELCOME.engines)
    assert.equal(who, 'client')
    // Without a seal.
    client.write(frame({ type: 'ping', id: 1 }))
    await assert.rejects(there.receive(5000, NEVER), { code: 'PROTOCOL' })
  })

  test('without a token on both sides need none', async () => {
    const met = await meet(undefined, {})
    assert.equal(met.code, 'in')
    assert.deepEqual(met.welcome?.environment, WELCOME.environment)
  })

  for (const [what, token, door, reason] of [
    ['another token', `${TOKEN}!`, { token: TOKEN }, /^wrong token$/],
    [
      'no token where one is wanted',
      undefined,
      { token: TOKEN },
      /needs a token.*--token-file or BENCH_TOKEN/,
    ],
    ['a token where none is wanted', TOKEN, {}, /takes none/],
  ] as const)
    test(`${what}: turned away, in words that say what to do`, async () => {
      const met = await meet(token, door)
      assert.equal(met.code, 'DENIED')
      assert.match(met.message, reason)
      assert.notEqual(met.server, 'client')
    })

  test('when no session is free: busy', async () => {
    const met = await meet(TOKEN, { token: TOKEN, turnedAway: 'busy: 8 sessions are under way' })
    const message = 'busy: 8 sessions are under way; try again later'
    assert.deepEqual([met.code, met.message, met.server], ['BUSY', message, 'BUSY'])
  })

  test('who does not know the token is not told that the server is busy', async () => {
    assert.equal((await meet(`${TOKEN}!`, { token: TOKEN, turnedAway: 'busy' })).code, 'DENIED')
  })
})

describe('a server', () => {
  test('tells a client of another version which runs where', async () => {
    const { outcome, heard } = await answered(frame(hello({ protocol: PROTOCOL + 1, version: '9.8.7' })))
    assert.equal(outcome, 'PROTOCOL')
    assert.match(
      heard,
      /bench 9\.8\.7 at the client speaks control protocol 3, and bench \S+ at the server speaks 2; run the same version/,
    )
  })

  test('tells whoever says anything else nothing but one refusal, and is done with him', async () => {
    const junk: Buffer[] = [
      Buffer.from('GET / HTTP/1.1\r\nHost: bench\r\n\r\n'),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      frame(null),
      frame([]),
      frame('hello'),
      frame(hello({ nonce: 'short' })),
      frame(hello({ nonce: newNonce().toUpperCase() })),
      frame(hello({ version: 'x'.repeat(65) })),
      frame(hello({ protocol: '1' })),
      frame({ type: 'agent', message: { type: 'abort', trial: 1 } }),
      frame({ type: 'visit', nonce: newNonce(), proof: newNonce() }),
      encodeFrame(Buffer.from('{"__proto__":{"type":"hello"},"constructor":1}')),
      encodeFrame(Buffer.from('['.repeat(60_000))),
      encodeFrame(Buffer.from(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)),
      encodeFrame(Buffer.from([0xc3, 0x28, 0xff, 0x00])),
      Buffer.concat([frame(hello()), frame({ type: 'agent', message: { type: 'abort', trial: 1 } })]),
      Buffer.concat([frame(hello()), frame({ type: 'proof' })]),
      Buffer.concat([frame(hello()), frame({ type: 'proof', proof: '0'.repeat(64) })]),
    ]
    for (const said of junk) {
      const { outcome, heard } = await answered(said, { token: TOKEN })
      assert.match(outcome, /^(PROTOCOL|DENIED)$/, said.toString('latin1').slice(0, 80))
      assert(heard.length < 500, heard)
    }
  })

  test('gives all of a handshake one time: a byte now and then does not make it longer', async () => {
    const { client, server } = pair()
    const said = frame(hello())
    let at = 0
    // Never to its end, however late the timers are.
    const drip = setInterval(() => at < said.length - 1 && client.write(said.subarray(at, ++at)), 5)
    const outcome = await serve(server, { withinMs: 200 })
    clearInterval(drip)
    assert.equal(outcome, 'TIMEOUT')
    assert(at > 0)
  })

  test('has no more time for the proof than what the hello has left', async () => {
    const { client, server } = pair()
    client.resume()
    const serving = serve(server, { withinMs: 200 })
    setTimeout(() => client.write(frame(hello())), 150)
    let late = false
    setTimeout(() => {
      late = true
    }, 340)
    assert.equal(await serving, 'TIMEOUT')
    assert(!late)
  })

  test('lets a visitor with a ticket show himself, and nobody with another one', async () => {
    const ticket = newNonce()
    for (const [shown, token, who] of [
      [ticket, TOKEN, 'visitor'],
      [newNonce(), TOKEN, 'DENIED'],
      // Who has read the ticket on its way does not know the token.
      [ticket, undefined, 'DENIED'],
    ] as const) {
      const { client, server } = pair()
      const serving = serve(server, { token: TOKEN, tickets: [ticket] })
      await visit(new Channel(client), { ticket: shown, nonce: newNonce() }, token, NEVER).catch(error =>
        assert.equal(error.code, 'DENIED'),
      )
      assert.equal(await serving, who)
    }
  })
})

describe('a client', () => {
  const challenge = (over: object = {}) => ({
    type: 'challenge',
    protocol: PROTOCOL,
    version: BENCH_VERSION,
    nonce: newNonce(),
    auth: 'token',
    ...over,
  })

  test('tells of a server of another version which runs where', async () => {
    const { message } = await greeted([challenge({ protocol: 3, version: '9.8.7' })], TOKEN)
    assert.match(
      message,
      /bench 9\.8\.7 there speaks control protocol 3, and bench \S+ here speaks 2; run the same version/,
    )
  })

  test('knows what is no bench server', async () => {
    const others = [
      Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
      Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
      frame({ type: 'hello' }),
      frame({ type: 'visited', proof: newNonce() }),
      frame(42),
    ]
    for (const said of others) assert.equal((await greeted(said)).code, 'PROTOCOL')
  })

  test('does not take a server that does not know the token, whatever it says', async () => {
    for (const proof of [{}, { proof: '0'.repeat(64) }]) {
      const { code, message } = await greeted([challenge(), { type: 'welcome', ...WELCOME, ...proof }], TOKEN)
      assert.equal(code, 'DENIED')
      assert.match(message, /does not know the token/)
    }
    assert.equal((await greeted([{ type: 'welcome', ...WELCOME }], TOKEN)).code, 'PROTOCOL')
    assert.equal(
      (await greeted([challenge({ auth: 'none' }), { type: 'welcome', ...WELCOME }], TOKEN)).code,
      'DENIED',
    )
  })

  test('is told why it is turned away in one line that steers no terminal', async () => {
    const { message } = await greeted([
      { type: 'refused', code: 'CLOSING', reason: 'the server\r\n is \u001b[31mclosing\u001b[0m\u009b' },
    ])
    assert.equal(message, 'the server?? is ?[31mclosing?[0m?')
  })
})

describe('a channel', () => {
  test('whose other side does not read keeps no answers: it stops to read itself', async () => {
    const { client, server } = pair()
    const channel = new Channel(server)
    let taken = 0
    channel.listen(
      () => {
        taken++
        channel.send({ type: 'pong', id: taken, now: 0, padding: 'x'.repeat(1000) })
      },
      () => {},
    )
    const ping = frame({ type: 'ping', id: 1 })
    for (let batch = 0; batch < 200; batch++) {
      client.write(Buffer.concat(Array.from({ length: 100 }, () => ping)))
      await new Promise(resolve => setImmediate(resolve))
    }
    assert(taken < 2000, `${taken} of 20000 pings answered to who does not read`)
    assert(server.writableLength < 4 << 20)
    client.resume()
    while (taken < 20_000) await new Promise(resolve => setImmediate(resolve))
  })

  test('tells once that it is lost', async () => {
    const { client, server } = pair()
    const channel = new Channel(server)
    client.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0]))
    await new Promise(resolve => setTimeout(resolve, 20))
    let lost = 0
    channel.listen(
      () => {},
      () => lost++,
    )
    await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(lost, 1)
  })
})
