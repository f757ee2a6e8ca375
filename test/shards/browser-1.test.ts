import { runShard } from './shard.ts'

await runShard('browser', 0)
