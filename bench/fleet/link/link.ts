/** What carries messages between two processes: IPC on this host, a sealed TCP connection to another one. */

/** The link has ended, or is no longer usable. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
  readonly code: string
  /** The message without its remedy. */
  readonly finding: string
  readonly remedy: string | undefined

  constructor(code: string, finding: string, remedy?: string) {
    super(remedy === undefined ? finding : `${finding}; ${remedy}`)
    this.code = code
    this.finding = finding
    this.remedy = remedy
  }
}
