/**
 * The first module of a single executable: unpacks the files of the program, which are assets of it, into a private folder, and runs them
 * there. Everything then works as in the package: agents, plug-ins, native libraries. Imports nothing but Node.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { getAsset, getRawAsset } from 'node:sea'
import { pathToFileURL } from 'node:url'

const NAME = 'tcp-udp-bench'
const IS_WINDOWS = process.platform === 'win32'
/** Names of assets: the list of files as JSON, and the hash of them all. */
const FILES = 'files'
const HASH = 'hash'

const root = unpack()
const word = process.argv[2] ?? ''
// An agent's process, as bench/fleet/local/spawn.ts starts it.
const isAgent = process.connected && isAbsolute(word) && /[/\\]agent[/\\]main\.js$/.test(word)
process.argv.splice(1, isAgent ? 2 : 1, isAgent ? word : join(root, 'dist/bench/cli.js'))
// import() in a single executable finds Node's own modules alone, and that of a file on disk all.
const load: (address: string) => Promise<unknown> = createRequire(join(root, 'load.cjs'))('./load.cjs')
await load(pathToFileURL(process.argv[1] ?? '').href)

/** The folder with the files, each the same as in the executable. */
function unpack(): string {
  const problems: string[] = []
  for (const place of places()) {
    try {
      const folder = join(privateFolder(place), getAsset(HASH, 'utf8'))
      // Its type in Node 20 is a mistake.
      for (const file of JSON.parse(getAsset(FILES, 'utf8')))
        write(join(folder, file), getRawAsset(file) as ArrayBuffer)
      return folder
    } catch (error) {
      problems.push(error instanceof Error ? error.message : `${error}`)
    }
  }
  const remedy = IS_WINDOWS ? 'LOCALAPPDATA or TEMP' : 'XDG_CACHE_HOME or TMPDIR'
  const text = `cannot unpack the program: ${problems.join('; ')}; set ${remedy} to a folder of yours that can be written`
  process.stderr.write(`bench: ${text}\n`)
  process.exit(1)
}

/** The cache of the user; the folder for temporary files where it cannot be written. */
function places(): string[] {
  const { XDG_CACHE_HOME = '', LOCALAPPDATA = '' } = process.env
  const usual = process.platform === 'darwin' ? join(homedir(), 'Library/Caches') : join(homedir(), '.cache')
  const cache = IS_WINDOWS ? LOCALAPPDATA : XDG_CACHE_HOME
  const user = IS_WINDOWS ? userInfo().username : process.getuid?.()
  return [join(isAbsolute(cache) ? cache : usual, NAME), join(tmpdir(), `${NAME}-${user}`)]
}

/** @throws when others own it, or may write there: they could change what is run */
function privateFolder(path: string): string {
  // One at a time: Node makes several without an end where one says ENOENT to whatever is made in it, as /proc does.
  for (const each of [dirname(path), path])
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch (error) {
      if (!existsSync(each)) throw error
    }
  const { uid, mode } = lstatSync(path)
  const isPrivate = lstatSync(path).isDirectory() && uid === process.getuid?.() && (mode & 0o077) === 0
  if (!IS_WINDOWS && !isPrivate) throw new Error(`${path} is not a folder that only you can read and write`)
  return path
}

/** Leaves a file alone that is the same; another process that writes the same one at this time does no harm. */
function write(path: string, content: ArrayBuffer): void {
  const bytes = Buffer.from(content)
  try {
    if (bytes.equals(readFileSync(path))) return
  } catch {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  }
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, bytes)
  chmodSync(fresh, 0o700)
  renameSync(fresh, path)
}
