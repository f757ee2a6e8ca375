/** True for an IP address that reaches only its own host. */
export function isLoopback(host: string): boolean {
  return /^127\.|^::1$/.test(host)
}
