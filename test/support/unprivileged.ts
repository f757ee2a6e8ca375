/** Whoever runs the tests may be root, who may read and write everything. */

const NOBODY = 65_534

/** Runs `work` as a user without rights: for tests in a process of their own, since all of it changes its user meanwhile. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
