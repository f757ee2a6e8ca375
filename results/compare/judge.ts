/** What two sets of samples say of each other. */

/**
 * `better` and `worse` are proven (interval excludes 1, effect of at least delta, significant after Holm); `same`: the interval
 * excludes a change of delta either way; `inconclusive`: a change for the worse of delta can be neither proven nor excluded;
 * `no evidence`: anything else.
 */
export type Verdict = 'better' | 'worse' | 'same' | 'no evidence' | 'inconclusive'
