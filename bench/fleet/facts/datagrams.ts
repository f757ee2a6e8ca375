/** Finds the largest datagram that the system accepts, by sending over loopback. */

import { errorCode } from '../../../base/errors.ts'
import { isForbidden } from '../../../base/system-errors.ts'
import { formatBytes, formatCount } from '../../../base/units.ts'
import {
  type DatagramLimits,
  limitsOf,
  MOST_BYTES,
  nextSize,
  type SizeTrial,
} from '../../../results/statistics/datagram-limits.ts'
import { raiseLoopback, showFirewall } from '../../../results/warnings/remedies.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { bad, type Finding, good, type Look, look, notice, unknown } from '../calls/finding.ts'

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

function judge({ taken: bytes, refusal }: DatagramLimits, family: 4 | 6): Look {
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

/** By a datagram of each size; what arrives is not asked for here. */
async function largest(sockets: Sockets, family: 4 | 6): Promise<DatagramLimits> {
  const { signal } = new AbortController()
  const local = loopback(family)
  // Receive and discard, so that nothing is reported as unreachable.
  await using receiver = await sockets.bindDatagram({ local, signal })
  await using sender = await sockets.bindDatagram({ local, signal })
  receiver.read(() => {})
  const trials: SizeTrial[] = []
  for (let bytes = nextSize([], family, []); bytes !== undefined; bytes = nextSize(trials, family, [])) {
    const tally = newTally()
    await sender.send(Buffer.alloc(bytes), bytes, 0, 1, tally, receiver.local)
    const { accepted, refusal, failure } = tally
    trials.push({
      ...{ chunk_bytes: bytes, datagrams_accepted: accepted, datagrams_delivered: accepted },
      datagrams_refused: 1 - accepted,
      error_code: refusal?.code ?? failure?.code,
    })
  }
  return limitsOf(trials)
}
