/** True for an IP address that reaches only its own host. */
export function isLoopback(host: string): boolean {
  return /^127\.|^::1$/.test(host)
}

/**
 * Whom an address stands for when shares are counted: itself or, over IPv6, its network of 64 bits, since a host may use any address of
 * that (RFC 4291, 2.5.4). Link-local addresses are all of one network, and stand for themselves.
 */
export function shareOf(host: string): string {
  if (!host.includes(':') || /^fe[89ab]/i.test(host)) return host
  return groupsOf(host).slice(0, 4).join(':')
}

/** The eight groups of an IPv6 address in canonical form, without a zone. */
export function groupsOf(host: string): readonly string[] {
  const [left = [], right = []] = host.split('::').map(part => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right]
}
