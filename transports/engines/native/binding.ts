/** How C functions are called: by koffi or, where it is not installed, by node:ffi (Node 26.9 and later). */
import { errorMessage } from '../../../base/errors.ts'

/** A call of C: each number is one of its type, or an address; what it returns fits into 53 bits. */
export type NativeCall = (...values: number[]) => number

export interface Binding {
  readonly name: keyof typeof BINDINGS
  /** @param prototype `int close(int fd)` @param library the sockets' if left out @throws if it has no such function */
  func(prototype: string, library?: string | null): NativeCall
  /** The error number of this thread's last call. */
  errno(): number
  /** The address of a Buffer's bytes; it stays valid while the Buffer is referenced. */
  addressOf(bytes: Buffer): number
  /** The bytes at an address, which stay its owner's. */
  viewOf(address: number, length: number): Buffer
  /** A call by its address, for what no library exports. */
  pointerTo(address: number, prototype: string): NativeCall
}

export const BINDINGS = { koffi: loadKoffi, 'node:ffi': loadNodeFfi } as const

/** The first that works here. @throws if none does */
export async function loadBinding(): Promise<Binding> {
  try {
    return await loadKoffi()
  } catch (error) {
    // Its calls take less time, but it needs a library for this system and CPU. Windows wants one to be called by its address.
    if (!hasNodeFfi() || LIBRARY !== null) throw error
    try {
      return loadNodeFfi()
    } catch (other) {
      throw new Error(`${errorMessage(error)}; node:ffi: ${errorMessage(other)}`, { cause: other })
    }
  }
}

/** Null: of what this process has loaded. Each system's sockets are in its C library, those of Windows in one of their own. */
const LIBRARY = process.platform === 'win32' ? 'ws2_32.dll' : null

async function loadKoffi(): Promise<Binding> {
  const { default: koffi } = await import('koffi')
  return {
    name: 'koffi',
    func: (prototype, library = LIBRARY) => koffi.load(library).func(prototype),
    errno: () => koffi.errno(),
    addressOf: bytes => Number(koffi.address(bytes)),
    viewOf: (address, length) => Buffer.from(koffi.view(BigInt(address), length)),
    pointerTo: (address, prototype) => koffi.decode(BigInt(address), koffi.proto(prototype)),
  }
}

/** The part of node:ffi that is used here; the types of Node 20 do not know it. */
interface NodeFfi {
  readonly DynamicLibrary: new (
    path: null,
  ) => {
    getFunction(name: string, signature: Signature): (...values: (number | bigint)[]) => number | bigint
  }
  toArrayBuffer(pointer: bigint, length: number, copy: boolean): ArrayBuffer
  getRawPointer(bytes: Buffer): bigint
}

interface Signature {
  readonly return: string
  readonly arguments: readonly string[]
}

const MODULE = 'node:ffi'
/** Types of C by those of node:ffi. A 64-bit result would be a BigInt, and none of ours needs more than its lower half. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['int', 'int32'],
  ['unsigned int', 'uint32'],
  ['uint32_t', 'uint32'],
  ['long', 'int64'],
  ['unsigned long', 'uint64'],
  ['size_t', 'uint64'],
  ['uintptr_t', 'uint64'],
])
/** `int *__errno_location(void)` of glibc and musl; `int *__error(void)` of the BSDs. */
const ERRNO = process.platform === 'linux' ? '__errno_location' : '__error'

export function hasNodeFfi(): boolean {
  return nodeFfi() !== undefined
}

/** @throws if there is no node:ffi, or Node's permission model forbids it (--allow-ffi) */
function loadNodeFfi(): Binding {
  const ffi = nodeFfi()
  if (!ffi)
    throw new Error(
      `Node ${process.version} has no ${MODULE}; it takes 26.9 or later, or --experimental-ffi from 26.1 on`,
    )
  const library = new ffi.DynamicLibrary(null)
  const location = library.getFunction(ERRNO, { return: 'pointer', arguments: [] })
  // A thread's errno never moves.
  const errno = new Int32Array(ffi.toArrayBuffer(BigInt(location()), 4, false))
  const isWide = (type: string) => type === 'int64' || type === 'uint64'
  const takesNumbers = takesWideNumbers(library)
  return {
    name: MODULE,
    func(prototype) {
      const { name, signature } = parse(prototype)
      const call = library.getFunction(name, signature)
      if (takesNumbers || !signature.arguments.some(isWide)) return call as NativeCall
      const wide = signature.arguments.map(isWide)
      return (...values) =>
        Number(call(...values.map((value, index) => (wide[index] ? BigInt(value) : value))))
    },
    errno: () => errno[0] ?? 0,
    addressOf: bytes => Number(ffi.getRawPointer(bytes)),
    viewOf: (address, length) => Buffer.from(ffi.toArrayBuffer(BigInt(address), length, false)),
    pointerTo: (_, prototype) => {
      throw new Error(`${MODULE} calls by name only: ${prototype}`)
    },
  }
}

/** Before 26.12, a 64-bit argument had to be a BigInt. */
function takesWideNumbers(library: InstanceType<NodeFfi['DynamicLibrary']>): boolean {
  try {
    library.getFunction('labs', { return: 'int32', arguments: ['int64'] })(1)
    return true
  } catch {
    return false
  }
}

/** Without the warning that it is experimental, which Node would write between ours. */
function nodeFfi(): NodeFfi | undefined {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule?.(MODULE) as NodeFfi | undefined
  } finally {
    process.emitWarning = emitWarning
  }
}

function parse(prototype: string): { name: string; signature: Signature } {
  const [, result = '', name = '', list = ''] = /^(.+) (\w+)\((.*)\)$/.exec(prototype) ?? []
  const types = list.split(', ').map(each => TYPES.get(each) ?? TYPES.get(each.replace(/ \w+$/, '')))
  if (name === '' || types.includes(undefined)) throw new Error(`node:ffi: unknown type in ${prototype}`)
  return {
    name,
    signature: {
      return: result === 'unsigned int' ? 'uint32' : 'int32',
      arguments: types.filter(each => each !== undefined),
    },
  }
}
