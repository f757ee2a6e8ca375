/** The URL of a database, without its password: the words of a program are there for all on this machine. */
import { UsageError } from '../../base/errors.ts'

export interface Address {
  /** For psql. */
  readonly address: string
  readonly password: string | undefined
}

/**
 * No message repeats anything of the URL but its scheme: whatever is in it may be a part of a password.
 * @param url `postgres://[user[:password]@][host][:port][/database][?options]` @throws UsageError
 */
export function addressOf(url: string): Address {
  const [whole = '', scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? []
  if (!/^postgres(?:ql)?$/.test(scheme))
    throw new UsageError(
      `bench export goes to PostgreSQL, and ${scheme ? `a URL of ${scheme}://` : 'the first word'} is not one of it; write postgres://[USER@]HOST[:PORT]/DATABASE`,
    )
  const rest = url.slice(whole.length)
  const at = rest.lastIndexOf('@')
  const [user = '', after] = at < 0 ? [undefined, rest] : [rest.slice(0, at), rest.slice(at)]
  if (/[@/?]/.test(user))
    throw new UsageError(
      'the URL has @, / or ? before its last @; percent-encode them (%40, %2F, %3F), or give the password in PGPASSWORD',
    )
  const [, options = ''] = /\?(.*)$/s.exec(after) ?? []
  if (options.split('&').some(each => /password|secret/i.test(decoded(each.split('=', 1)[0] ?? ''))))
    throw new UsageError(
      'the URL has a password behind its ?; give it in PGPASSWORD, ~/.pgpass or a service file',
    )
  const colon = user.indexOf(':')
  if (colon < 0) return { address: url, password: undefined }
  return { address: whole + user.slice(0, colon) + after, password: decoded(user.slice(colon + 1)) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
