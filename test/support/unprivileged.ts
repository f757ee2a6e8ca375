/** Whoever runs the tests may be root, who may read and write everything. */
import { errorMessage } from '../../base/errors.ts'

const NOBODY = 65_534
const isRoot = process.geteuid?.() === 0

/** Why root cannot be somebody else for a while: Debian 13's Node 20, say, forbids it since its file calls may go by io_uring. */
export const withoutNobody: string | false = reasonOf()

/** Runs `work` as a user without rights: for tests in a process of their own, since all of it changes its user meanwhile. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

function reasonOf(): string | false {
  if (process.platform === 'win32') return 'this system has no such permissions'
  try {
    if (isRoot) process.seteuid?.(0)
    return false
  } catch (error) {
    return `root stays root: ${errorMessage(error)}`
  }
}
