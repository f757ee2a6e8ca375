/** A real sshd at port 22 of a network of a test's own, with keys, a home folder and a `/run` of its own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Running } from '../e2e/cli.ts'
import { withoutNamespaces } from './namespace.ts'
import { without } from './programs.ts'

/** It starts itself anew by its path, which has to be whole. */
const SSHD = '/usr/sbin/sshd'

/** Why tests with it cannot run here; false when they can. */
export const withoutSshd = () =>
  withoutNamespaces() || without('ssh', ['-V']) || (existsSync(SSHD) ? false : 'sshd is not installed here')

export interface SshServer extends AsyncDisposable {
  /** The home folder of the user that logs in, as this process sees it. */
  readonly home: string
}

export interface SshServerSetting {
  /** Of the user that logs in, besides HOME. */
  readonly env?: Readonly<Record<string, string>>
  /** Bytes of the file system of the home folder. */
  readonly sizeBytes?: number
  /** A home folder that others have too. */
  readonly home?: string
  readonly hostName?: string
}

/** Keys of a client, and its configuration: words of an ssh that knows the servers which `startSshd` starts in the same folder. */
export function sshClient(folder: string): readonly string[] {
  const config = join(folder, 'ssh.conf')
  keygen(join(folder, 'user-key'))
  const lines = {
    IdentityFile: join(folder, 'user-key'),
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: join(folder, 'known-hosts'),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
  }
  writeFileSync(config, textOf(lines))
  return ['ssh', '-F', config]
}

/** @param folder where `sshClient` left its keys @param at words that run at its host what follows them */
export async function startSshd(
  folder: string,
  address: string,
  at: readonly string[],
  {
    env = {},
    sizeBytes = 0,
    home = join(folder, address, 'home'),
    hostName = hostname(),
  }: SshServerSetting = {},
): Promise<SshServer> {
  const own = join(folder, address)
  mkdirSync(own, { recursive: true })
  mkdirSync(home, { recursive: true })
  keygen(join(own, 'host-key'))
  const key = readFileSync(join(own, 'host-key.pub'), 'utf8')
  writeFileSync(join(folder, 'known-hosts'), `${address} ${key}`, { flag: 'a' })
  const given = { PATH: process.env['PATH'] ?? '', ...env, HOME: home }
  const config = join(own, 'sshd.conf')
  const lines = {
    ListenAddress: `${address}:22`,
    HostKey: join(own, 'host-key'),
    AuthorizedKeysFile: join(folder, 'user-key.pub'),
    PidFile: 'none',
    UsePAM: 'no',
    StrictModes: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'yes',
    SetEnv: Object.entries(given)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(' '),
  }
  writeFileSync(config, textOf(lines))
  // In a space of mounts of its own: the folder that it gives up its rights in, which a system without a service has not; and a home.
  const mounts = ['/run', ...(sizeBytes > 0 ? [home] : [])].map(
    path => `mount -t tmpfs -o size=${sizeBytes} tmpfs '${path}'`,
  )
  const name = `echo ${hostName} >/proc/sys/kernel/hostname`
  const start = [...mounts, 'mkdir /run/sshd', name, `exec ${SSHD} -D -e -f "$0"`].join(' && ')
  const [command = '', ...words] = [...at, 'unshare', '--mount', '--uts', 'sh', '-c', start, config]
  const running = new Running(command, words, { cwd: own })
  await running.until('listening', ({ stderr }) => stderr.includes('Server listening on'))
  return {
    home: `/proc/${running.pid}/root${home}`,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

function keygen(path: string): void {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
}

function textOf(lines: Readonly<Record<string, string>>): string {
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')
}
