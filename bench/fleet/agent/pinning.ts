/** `--pin`: checks the CPUs of the two agents before anything runs, and keeps other threads out of their way. */

import { UsageError } from '../../../base/errors.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import {
  allowedCpus,
  keepV8WorkersOff,
  letV8WorkersGiveWay,
  pinToCpu,
} from '../../../transports/engines/native/scheduling.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'

/** @throws UsageError if this system cannot pin, or does not offer this process such a CPU */
export async function checkPins(pins: Pins): Promise<void> {
  const obstacle = obstacleToPins(pins, await pinnableCpus())
  if (obstacle !== undefined) throw new UsageError(`--pin: ${obstacle}`)
}

/** The CPUs that agents can be pinned to; or why they cannot be pinned, and what to do. */
export async function pinnableCpus(): Promise<readonly number[] | string> {
  const obstacle = obstacleToNative()
  return obstacle === undefined ? allowedCpus(await loadLibc()) : `${obstacle}; leave it out`
}

/** Why agents cannot be pinned like this, and what to do; undefined if they can. Pure. */
export function obstacleToPins(
  { sender, receiver }: Pins,
  cpus: readonly number[] | string,
): string | undefined {
  if (typeof cpus === 'string') return cpus
  const other = [sender, receiver].find(cpu => !cpus.includes(cpu))
  return other === undefined
    ? undefined
    : `this process may not use CPU ${other}; choose from ${cpus.join(', ')}`
}

/** Pins the calling thread, the one that sends and receives. @throws the system's error */
export async function pinThisThread(cpu: number): Promise<void> {
  pinToCpu(await loadLibc(), cpu)
}

/**
 * Keeps V8's background threads off the CPUs that both ends are pinned to, where possible. The returned function lets them run only when
 * the end is idle, from then on. Does nothing on systems without that feature.
 */
export async function keepBackgroundAway(pinned: readonly number[]): Promise<() => void> {
  if (obstacleToNative() !== undefined) return () => {}
  const libc = await loadLibc()
  keepV8WorkersOff(libc, pinned)
  return () => letV8WorkersGiveWay(libc)
}
