/** A Debian 13 of its own in a folder, with as little as possible. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { without } from './programs.ts'
import { ran } from './ran.ts'

/** Why there cannot be one here; false when there can. */
export const withoutRoot =
  process.getuid?.() === 0 ? without('debootstrap') : 'a Debian of its own needs the user root'

const MOUNTS =
  'ip link set lo up && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
const CLEAN = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8']

export class DebianRoot implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'bench-debian-'))

  constructor(packages: readonly string[]) {
    const words = ['--variant=minbase', `--include=${packages.join()}`, 'trixie', this.path]
    ran('debootstrap', words, { timeout: 900_000 })
  }

  /** Runs a script of bash, with its words, in namespaces of mounts and of the network that end with it. @returns standard output */
  run(script: string, ...words: readonly string[]): string {
    const inside = [...CLEAN, 'bash', '-c', script, 'bash', ...words]
    return ran('unshare', ['--mount', '--net', '--', 'sh', '-c', MOUNTS, this.path, ...inside])
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
