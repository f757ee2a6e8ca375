/** The page of `bench receive --view`: empty, until its script has asked for what has come. */
import { html, trusted } from '../../document/markup.ts'
import { basePolicy, colorVariables, type PageAssets } from './page.ts'

/** The page, and the policy to serve it with: it may ask its own server only, and nobody may put it into a frame. */
export function receivedPage({ script, style: sheet }: Omit<PageAssets, 'engine'>) {
  const style = `:root{${colorVariables()}}${sheet}`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Received pictures</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<header><h1>Received pictures</h1></header>
<main id="main">
<p id="status" role="status">Nothing has arrived yet.</p>
<div class="pictures received"></div>
</main>
<script>${trusted(script)}</script>
</body>
</html>
`
  const policy = [
    ...basePolicy(style, script),
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { page: page.text, policy }
}
