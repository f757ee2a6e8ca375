/** A real Chromium for tests of pages: one for a process, a page for each test or suite. */
import { existsSync } from 'node:fs'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'

const PATHS = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const EXECUTABLE = PATHS.find(path => path !== undefined && existsSync(path))

/** Why these tests cannot run here; false when they can. */
export const withoutChromium = EXECUTABLE
  ? false
  : 'there is no Chromium on this machine; apt-get install chromium, or name one in CHROMIUM'

/** A page, and what it did that a page of ours must not do. */
export interface Opened extends AsyncDisposable {
  readonly page: Page
  /** Errors and warnings of its console, exceptions and dialogs. */
  readonly complaints: readonly string[]
  /** Addresses that it asked for, but its own. */
  readonly requests: readonly string[]
}

export class Chromium implements AsyncDisposable {
  readonly #browser: Browser
  /** By their options: to make one takes longer than to open a page. */
  readonly #contexts = new Map<string, BrowserContext>()

  constructor(browser: Browser) {
    this.#browser = browser
  }

  static async start(): Promise<Chromium> {
    return new Chromium(
      await chromium.launch({
        ...(EXECUTABLE ? { executablePath: EXECUTABLE } : {}),
        // Root may not have a sandbox, and the pages are ours. To play a graphics card costs more than to draw.
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-software-rasterizer'],
      }),
    )
  }

  /** @param path of a file, or an address */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const page = await (await this.#context(options)).newPage()
    const complaints: string[] = []
    const requests: string[] = []
    const address = /^https?:/.test(path) ? path : `file://${path}`
    page.on('console', message => {
      if (message.type() !== 'log') complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
    page.on('dialog', dialog => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', request => {
      if (request.url() !== address) requests.push(request.url())
    })
    // Before anything of the page: how much of it moves.
    await page.addInitScript(() => {
      Object.assign(globalThis, { shifts: 0 })
      new PerformanceObserver(list => {
        for (const entry of list.getEntries())
          if ('value' in entry)
            Object.assign(globalThis, {
              shifts: Number(Reflect.get(globalThis, 'shifts')) + Number(entry.value),
            })
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto(address)
    return { page, complaints, requests, [Symbol.asyncDispose]: () => page.close() }
  }

  async #context(options: BrowserContextOptions): Promise<BrowserContext> {
    const key = JSON.stringify(options)
    const context =
      this.#contexts.get(key) ??
      (await this.#browser.newContext({ viewport: { width: 1200, height: 900 }, ...options }))
    this.#contexts.set(key, context)
    return context
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}
