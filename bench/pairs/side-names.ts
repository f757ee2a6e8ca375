/** The sides of a run of two. */
export const SIDES = ['a', 'b'] as const
export type SideName = (typeof SIDES)[number]
