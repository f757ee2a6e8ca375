/** The sides of a paired run. */
export const SIDES = ['a', 'b'] as const
export type SideName = (typeof SIDES)[number]
