/** The page of `bench receive --view`: empty, until its script has asked for what has come. */
import { html } from '../../document/markup.ts'
import { type PageAssets, pageOf } from './page.ts'

/** The page, and the policy to serve it with: it may ask its own server only, and nobody may put it into a frame. */
export function receivedPage(assets: Omit<PageAssets, 'engine'>) {
  const body = html`<header><h1>Received pictures</h1></header>
<main id="main">
<p id="status" role="status">Nothing has arrived yet.</p>
<div class="pictures received"></div>
</main>`
  const allowed = ["img-src 'self' data:", "connect-src 'self'", "frame-ancestors 'none'"]
  return pageOf('Received pictures', assets, body, allowed, false)
}
