/** `--pin`: the CPUs of the two agents, checked before anything runs; and what may not get in the way of their threads. */

import { UsageError } from '../../../base/errors.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { allowedCpus, letV8WorkersGiveWay, pinToCpu } from '../../../transports/engines/native/scheduling.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'

/** One CPU for each end. */
export interface Pins {
  readonly sender: number
  readonly receiver: number
}

/** @throws UsageError when this system cannot pin, or has no such CPU for us */
export async function checkPins({ sender, receiver }: Pins): Promise<void> {
  const obstacle = obstacleToNative()
  if (obstacle !== undefined) throw new UsageError(`--pin: ${obstacle}; leave it out`)
  const allowed = allowedCpus(await loadLibc())
  for (const cpu of [sender, receiver]) {
    if (!allowed.includes(cpu))
      throw new UsageError(`--pin: CPU ${cpu} is not ours to use; choose from ${allowed.join(', ')}`)
  }
}

/** Pins the calling thread: the one that sends and receives. @throws the system's error */
export async function pinThisThread(cpu: number): Promise<void> {
  pinToCpu(await loadLibc(), cpu)
}

/** Whatever V8 does beside an end waits until that has nothing to do. Where the system has no such thing, nothing happens. */
export async function keepBackgroundAway(): Promise<void> {
  if (obstacleToNative() === undefined) letV8WorkersGiveWay(await loadLibc())
}
