/** Starts measuring this process's user and system CPU time; the returned function gives the time so far, in ms. */
export function cpuClock(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  }
}
