/**
 * The first module of a single executable: unpacks the files of the program, which are assets of it, into a private folder, and runs them
 * there. Everything then works as in the package: agents, plug-ins, native libraries.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { getAsset, getRawAsset } from 'node:sea'
import { pathToFileURL } from 'node:url'
import { FOLDER_NAME, privateFolder, userCache } from '../../base/private-folder.ts'

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
  for (const place of [userCache, temporaryFolder]) {
    try {
      const folder = join(privateFolder(place()), getAsset(HASH, 'utf8'))
      // Its type in Node 20 is a mistake.
      for (const file of JSON.parse(getAsset(FILES, 'utf8')))
        write(join(folder, file), getRawAsset(file) as ArrayBuffer)
      return folder
    } catch (error) {
      problems.push(error instanceof Error ? error.message : `${error}`)
    }
  }
  const remedy = process.platform === 'win32' ? 'LOCALAPPDATA or TEMP' : 'XDG_CACHE_HOME or TMPDIR'
  const text = `cannot unpack the program: ${problems.join('; ')}; set ${remedy} to a folder of yours that can be written`
  process.stderr.write(`bench: ${text}\n`)
  process.exit(1)
}

/** For where the cache of the user cannot be used. */
function temporaryFolder(): string {
  return join(tmpdir(), `${FOLDER_NAME}-${process.getuid?.() ?? userInfo().username}`)
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
  try {
    writeFileSync(fresh, bytes)
    chmodSync(fresh, 0o700)
    renameSync(fresh, path)
  } catch (error) {
    // Else each start would leave one more where there is no room.
    rmSync(fresh, { force: true })
    throw error
  }
}
