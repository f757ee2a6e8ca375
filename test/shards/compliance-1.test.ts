import { runShard } from './shard.ts'

await runShard('compliance', 0)
