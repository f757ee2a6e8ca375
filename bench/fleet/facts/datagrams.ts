/** Finds the largest datagram that the system accepts, by sending over loopback. */

import { errorCode } from '../../../base/errors.ts'
import { isForbidden } from '../../../base/system-errors.ts'
import { formatBytes, formatCount } from '../../../base/units.ts'
import { raiseLoopback, showFirewall } from '../../../results/warnings/remedies.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { bad, type Finding, good, type Look, look, notice, unknown } from '../calls/finding.ts'

/** The largest UDP length field, less the headers that it includes: UDP's, and over IPv4 also IP's. */
const MOST_BYTES = { 4: 65_507, 6: 65_527 } as const

export async function examineDatagrams(sockets: Sockets): Promise<Finding[]> {
  return [
    await look('datagram, IPv4', () => examine(sockets, 4)),
    await look('datagram, IPv6', () => examine(sockets, 6)),
  ]
}

async function examine(sockets: Sockets, family: 4 | 6): Promise<Look> {
  try {
    return judge(await largest(sockets, family), family)
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error
    return unknown(`there is no IPv${family} loopback (${code})`, `measure with -${family === 6 ? 4 : 6}`)
  }
}

function judge({ bytes, refusal }: Largest, family: 4 | 6): Look {
  const most = MOST_BYTES[family]
  if (bytes === 0)
    return bad(
      `datagrams of every size are refused (${refusal})`,
      isForbidden(refusal)
        ? `let UDP over loopback through the firewall of this host: ${showFirewall(process.platform)}`
        : raiseLoopback(process.platform),
    )
  const text = `${formatBytes(bytes)} is the largest accepted${refusal ? ` (${formatCount(bytes + 1)} B: ${refusal})` : ''}`
  if (bytes >= most) return good(text)
  return process.platform === 'darwin' || process.platform === 'freebsd'
    ? notice(text, `sudo sysctl -w net.inet.udp.maxdgram=${most}; or --chunk ${bytes} or less`)
    : notice(text, `--chunk ${bytes} or less`)
}

interface Largest {
  readonly bytes: number
  /** The system's error for one more byte. */
  readonly refusal: string | undefined
}

/** Bisects between 1 B and the IPv6 maximum. */
async function largest(sockets: Sockets, family: 4 | 6): Promise<Largest> {
  const { signal } = new AbortController()
  const local = loopback(family)
  // Receive and discard, so that nothing is reported as unreachable.
  await using receiver = await sockets.bindDatagram({ local, signal })
  await using sender = await sockets.bindDatagram({ local, signal })
  receiver.read(() => {})
  const memory = Buffer.alloc(MOST_BYTES[6] + 1)
  // Both bounds are untested: nothing, and more than IPv6 can carry.
  let [taken, refused] = [0, memory.length + 1]
  let refusal: string | undefined
  while (refused - taken > 1) {
    const bytes = Math.floor((taken + refused) / 2)
    const tally = newTally()
    await sender.send(memory.subarray(0, bytes), bytes, 0, 1, tally, receiver.local)
    if (tally.accepted === 1) taken = bytes
    else {
      refused = bytes
      refusal = tally.refusal?.code ?? tally.failure?.code
    }
  }
  return { bytes: taken, refusal }
}
