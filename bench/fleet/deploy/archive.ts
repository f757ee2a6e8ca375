/**
 * The program as other hosts need it: its bundles, which have all packages but koffi inside, and koffi as it is installed here. A host of
 * another system or CPU finds no library of koffi in it: it uses node:ffi if its Node has that, or else the engine `node`.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { globSync } from 'tinyglobby'
import { errorMessage, SetupError } from '../../../base/errors.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const FILES = [
  'package.json',
  'LICENSE',
  'scenarios/*.yaml',
  'dist/bench/{*.js,LICENSES.txt}',
  'dist/bench/agent/*.js',
]
const MOST_BYTES = 256 * 1024 * 1024

/** A compressed tar file. @throws SetupError */
export async function packProgram(signal: AbortSignal): Promise<Buffer> {
  if (!/\bfrom"\.\/part-/.test(readFileSync(join(ROOT, 'dist/bench/cli.js'), 'utf8')))
    throw new SetupError('this build of bench is not bundled, so it cannot be copied; run npm run build')
  const files = globSync([...FILES], { cwd: ROOT })
  const words = ['-chzf', '-', '-C', ROOT, ...files, ...native()]
  try {
    const options = { encoding: 'buffer', maxBuffer: MOST_BYTES, signal } as const
    return (await promisify(execFile)('tar', words, options)).stdout
  } catch (error) {
    signal.throwIfAborted()
    throw new SetupError(`cannot pack the program with tar: ${errorMessage(error)}`, { cause: error })
  }
}

/** koffi, and its libraries beside it, wherever they were installed. */
function native(): readonly string[] {
  const koffi = dirname(createRequire(import.meta.url).resolve('koffi'))
  const modules = dirname(koffi)
  const all = ['koffi', '@koromix'].map(name => join(basename(modules), name))
  return ['-C', dirname(modules), ...all.filter(name => existsSync(join(dirname(modules), name)))]
}
