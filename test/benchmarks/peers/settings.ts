/** What is measured: protocols, chunks and sizes that ours and the peers all run. */
import { readFileSync } from 'node:fs'
import { formatBytes, formatSize } from '../../../base/units.ts'
import type { Setting } from './peer.ts'

export const GROUPS = ['tcp', 'udp', 'offload', 'streams'] as const satisfies readonly Setting['group'][]

const MIB = 1024 ** 2
/** Large enough that starting and ending do not matter, small enough for seven rounds in a few minutes. */
const [SMALL_CHUNKS, LARGE_CHUNKS] = [256 * MIB, 1024 * MIB]
/** `iperf3 -P 4 -t 5` */
const STREAMS = { count: 4, seconds: 5 }
/** What our native engine asks for. */
const UDP_BUFFER_BYTES = 4 * MIB

export function settings(groups: readonly Setting['group'][]): readonly Setting[] {
  const bufferBytes = Math.min(UDP_BUFFER_BYTES, ...['rmem_max', 'wmem_max'].map(systemLimit))
  const tcp = { group: 'tcp', protocol: 'tcp', bufferBytes: undefined } as const
  const udp = { group: 'udp', protocol: 'udp', bufferBytes } as const
  return [
    named({ ...tcp, chunkBytes: 1024, sizeBytes: SMALL_CHUNKS }),
    named({ ...tcp, chunkBytes: 131_072, sizeBytes: LARGE_CHUNKS }),
    named({ ...tcp, chunkBytes: 1_048_576, sizeBytes: LARGE_CHUNKS }),
    named({ ...udp, chunkBytes: 1024, sizeBytes: SMALL_CHUNKS }),
    named({ ...udp, chunkBytes: 9216, sizeBytes: LARGE_CHUNKS }),
    named({ ...udp, chunkBytes: 65_507, sizeBytes: LARGE_CHUNKS }),
    named({ ...udp, group: 'offload', chunkBytes: 1024, sizeBytes: SMALL_CHUNKS }),
    named({ ...tcp, group: 'streams', chunkBytes: 131_072, sizeBytes: 0, streams: STREAMS }),
  ].filter(({ group }) => groups.includes(group))
}

function named(setting: Omit<Setting, 'name'>): Setting {
  const { group, protocol, chunkBytes, streams } = setting
  const chunk = protocol === 'tcp' ? formatSize(chunkBytes) : formatBytes(chunkBytes)
  return {
    ...setting,
    name: `${protocol}, ${chunk}${group === 'offload' ? ', offload' : ''}${streams ? `, ${streams.count} streams` : ''}`,
  }
}

/** Beyond it a peer that is not privileged would be given less than we, or refuse to run. */
function systemLimit(name: string): number {
  return Number(readFileSync(`/proc/sys/net/core/${name}`, 'latin1'))
}
