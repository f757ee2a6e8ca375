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

export interface Link<Received = unknown> extends AsyncDisposable {
  /** Sends a message; does nothing once the link is lost, since its loss is reported elsewhere. */
  send(message: object): void
  /** Delivers each message as it arrives from now on, and calls `lost` once when there will be no more. */
  listen(take: (message: Received) => void, lost: (error: LinkError) => void): void
}
