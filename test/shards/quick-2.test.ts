import { runShard } from './shard.ts'

await runShard('quick', 1)
