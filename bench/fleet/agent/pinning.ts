/** `--pin`: checks the CPUs of the two agents before anything runs, and keeps other threads out of their way. */

import { UsageError } from '../../../base/errors.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { allowedCpus, letV8WorkersGiveWay, pinToCpu } from '../../../transports/engines/native/scheduling.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'

/** @throws UsageError if this system cannot pin, or does not offer this process such a CPU */
export async function checkPins({ sender, receiver }: Pins): Promise<void> {
  const obstacle = obstacleToNative()
  if (obstacle !== undefined) throw new UsageError(`--pin: ${obstacle}; leave it out`)
  const allowed = allowedCpus(await loadLibc())
  for (const cpu of [sender, receiver]) {
    if (!allowed.includes(cpu))
      throw new UsageError(`--pin: this process may not use CPU ${cpu}; choose from ${allowed.join(', ')}`)
  }
}

/** Pins the calling thread, the one that sends and receives. @throws the system's error */
export async function pinThisThread(cpu: number): Promise<void> {
  pinToCpu(await loadLibc(), cpu)
}

/**
 * Lets V8's background threads run only when the end is idle, and where possible not on the CPUs that both ends are pinned to. Does nothing
 * on systems without that feature.
 */
export async function keepBackgroundAway(pinned: readonly number[]): Promise<void> {
  if (obstacleToNative() === undefined) letV8WorkersGiveWay(await loadLibc(), pinned)
}
