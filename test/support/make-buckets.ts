/** `make-buckets URL TTL`: makes the buckets of presence and leases of a NATS server, whose values are gone after so many ms. */
import { parseBusUrl } from '../../bench/fleet/bus/address.ts'
import { connectBus } from '../../bench/fleet/bus/connection.ts'
import { openBucket } from '../../bench/fleet/bus/held-key.ts'

const [url = '', ttlMs] = process.argv.slice(2)
await using bus = await connectBus(parseBusUrl(url))
for (const name of ['bench-hosts', 'bench-leases']) await openBucket(bus, name, Number(ttlMs))
