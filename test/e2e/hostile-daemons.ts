/** A daemon with limits and an impatient one, and how hostile clients speak with them. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, type TestContext } from 'node:test'
import { HostileClient } from '../support/hostile-client.ts'
import { allGone, childrenOf } from './cli.ts'
import { logOf } from './daemon.ts'
import { type Server, startServer, TOKEN } from './two-hosts.ts'

const LIMITS = ['--max-size', '64M', '--max-rate', '100M', '--max-sessions', '100']
/** Of a server of its own: others are not to be let go because the machine is busy. */
const IMPATIENT = ['--max-duration', '3s', '--idle-timeout', '2s']

/** Both are started before the tests of a suite, and have to end well after them. */
export function useDaemons(skip: string | false) {
  let server: Server
  let impatient: Server
  before(async () => {
    if (skip !== false) return
    server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0', words: LIMITS })
    impatient = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0', words: IMPATIENT })
  })
  after(async () => {
    if (skip !== false) return
    await impatient[Symbol.asyncDispose]()
    const agents = childrenOf(server.pid)
    assert.doesNotMatch(server.stderr, /internal error|TypeError|RangeError/)
    logOf(server)
    server.kill('SIGTERM')
    assert.equal((await server.over()).code, 0)
    await allGone(agents)
  })

  async function entered(context: TestContext, at = server): Promise<HostileClient> {
    // On a busy machine a handshake may take longer than the server allows: that is not what is tested.
    const enter = () => HostileClient.enter(at.port, TOKEN)
    const client = await enter().catch(enter).catch(enter)
    context.after(() => client[Symbol.dispose]())
    return client
  }

  async function denied(client: HostileClient, message: object): Promise<string> {
    client.tell(message)
    const { message: said } = await client.hear('failed')
    return `${said?.failure?.code} ${said?.failure?.message}`
  }

  async function alive(client: HostileClient): Promise<void> {
    client.say({ type: 'ping', id: 77 })
    while ((await client.hear('pong')).id !== 77);
  }

  return {
    get server(): Server {
      return server
    },
    get impatient(): Server {
      return impatient
    },
    ...{ entered, denied, alive },
  }
}
