/**
 * What a system call costs through koffi and through node:ffi, in turn: `npm run bench:bindings`, on a Node that has both (26.9 and later).
 * Calls on a socket that is not open, so what is measured is the way there and back.
 */
import { monotonic } from '../../base/clock.ts'
import { BINDINGS } from '../../transports/engines/native/binding.ts'
import { fixedMemory, type Libc, loadLibc } from '../../transports/engines/native/libc.ts'

const CALLS = 20_000
const ROUNDS = 60
const CLOSED = -1

const libcs = {
  koffi: await loadLibc(await BINDINGS.koffi()),
  ffi: await loadLibc(await BINDINGS['node:ffi']()),
}
const memory = fixedMemory(libcs.koffi, 4096)
const CASES: Readonly<Record<string, (libc: Libc) => number>> = {
  'close, 1 argument': libc => libc.close(CLOSED),
  'recv, 4 arguments': libc => libc.recv(CLOSED, memory.address, 4096, 0),
  'ppoll, 4 arguments, 3 of 64 bits': libc => libc.ppoll(memory.address, 0, memory.address, 0),
  'setsockopt, 5 arguments': libc => libc.setsockopt(CLOSED, 1, 2, memory.address, 4),
  'sendmmsg, 6 arguments': libc => libc.sendmmsg(CLOSED, memory.address, 64, 0),
  'recv, and its errno': libc => libc.recv(CLOSED, memory.address, 4096, 0) + libc.errno(),
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
for (const [name, call] of Object.entries(CASES)) {
  const nanoseconds = (libc: Libc): number => {
    const start = monotonic()
    for (let index = 0; index < CALLS; index++) call(libc)
    return ((monotonic() - start) / CALLS) * 1e6
  }
  const rounds = Array.from(
    { length: ROUNDS },
    () => [nanoseconds(libcs.koffi), nanoseconds(libcs.ffi)] as const,
  )
  const ratio = median(rounds.map(([koffi, ffi]) => ffi / koffi))
  const [koffi, ffi] = [0, 1].map(side => median(rounds.map(each => each[side] ?? 0)).toFixed(0))
  process.stdout.write(
    `${name.padEnd(34)} koffi ${koffi} ns, node:ffi ${ffi} ns, ratio ${ratio.toFixed(2)}\n`,
  )
}
