import { runShard } from './shard.ts'

await runShard('sockets', 0)
