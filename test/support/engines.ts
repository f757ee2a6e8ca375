import { obstacleToNative } from '../../transports/engines/native/systems.ts'

/** Those that this system has. */
export const ENGINES = obstacleToNative() === undefined ? (['native', 'node'] as const) : (['node'] as const)
