/**
 * IP_MTU_DISCOVER, as in ip(7), in the order of IP_PMTUDISC_*: never set DF, set it according to the known path MTU, always set it, or
 * set it and ignore the path MTU.
 */
export const DF_MODES = ['dont', 'want', 'do', 'probe'] as const
