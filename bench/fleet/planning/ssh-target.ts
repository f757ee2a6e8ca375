/** Where ssh logs in. */
import { type Grammar, text } from '../../../scenarios/settings/grammar.ts'
import { TARGET, type Target } from '../../../scenarios/settings/words.ts'

export interface SshTarget extends Target {
  /** Undefined: the one that ssh's configuration names. */
  readonly user?: string
}

/**
 * `USER@HOST:PORT`, of which only the host is needed. Neither part may begin with a dash, which ssh would take for a flag, or hold what a
 * shell reads as more than a name: configurations of ssh hand them to one (`ProxyCommand … %h`).
 */
export const SSH_TARGET: Grammar<SshTarget> = text(
  'a place where ssh logs in',
  'write HOST, USER@HOST or USER@HOST:PORT in letters, digits, dots, dashes and underscores',
  (value): SshTarget | undefined => {
    const [, user, place = ''] = /^(?:(\w[\w.-]*)@)?([\w:.%[\]-]+)$/.exec(value) ?? []
    if (!/^[\w[:]/.test(place)) return undefined
    return { ...(user === undefined ? {} : { user }), ...TARGET.parse(place) }
  },
  ({ user, ...target }) => `${user === undefined ? '' : `${user}@`}${TARGET.format(target)}`,
)
