/** Finds out whether this process should outlive its terminal. */
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * As it starts, Node resets every signal to its default action, SIGHUP too, so a process cannot see that `nohup` had it ignored. But
 * nohup leaves traces: shells name the program that they start (`_`), GNU nohup replaces a terminal as standard input by a write-only
 * /dev/null, and a process started after `trap '' HUP` has a parent that ignores the signal.
 */
export function outlivesTerminal(env: NodeJS.ProcessEnv = process.env, proc = '/proc'): boolean {
  return basename(env['_'] ?? '') === 'nohup' || hasNohupInput(proc) || parentIgnoresHangups(proc)
}

function hasNohupInput(proc: string): boolean {
  const [, flags = ''] = /^flags:\s*([0-7]+)$/m.exec(read(`${proc}/self/fdinfo/0`)) ?? []
  const accessMode = Number.parseInt(flags, 8) & 0b11
  try {
    return accessMode === 1 && readlinkSync(`${proc}/self/fd/0`) === '/dev/null'
  } catch {
    return false
  }
}

/** SIGHUP is number 1, the lowest bit. */
function parentIgnoresHangups(proc: string): boolean {
  const [, ignored = '0'] = /^SigIgn:\s*([\da-f]+)$/m.exec(read(`${proc}/${process.ppid}/status`)) ?? []
  return (BigInt(`0x${ignored}`) & 1n) === 1n
}

/** Empty if there is no such file, as on other systems. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
