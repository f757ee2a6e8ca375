import { PassThrough } from 'node:stream'
import type { Terminal } from '../../bench/cli/terminal.ts'

/** A terminal that shows nothing. @param said what would be shown */
export function silentTerminal(said: string[]): Terminal {
  const say = (text: string) => void said.push(text)
  return {
    ...{ out: say, data: say, err: say, errStream: new PassThrough() },
    ...{ argv: [], width: 100, color: false, live: false },
  }
}
