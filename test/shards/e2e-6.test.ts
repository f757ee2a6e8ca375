import { runShard } from './shard.ts'

await runShard('e2e', 5)
