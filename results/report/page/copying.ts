/** Copies a command to the clipboard, or selects it where the browser does not let a page do that. */
import { all, say } from './elements.ts'

/** How long a button shows that it has copied. */
const SHOWN_MS = 2500

export function wakeCopying(): void {
  for (const button of all('button[data-copy]', HTMLButtonElement)) {
    const source = document.getElementById(button.dataset['copy'] ?? '')
    const label = button.textContent
    if (!source) continue
    button.addEventListener('click', async () => {
      const copied = await copy(source)
      const done = copied ? 'Copied' : 'Selected: now copy it'
      button.textContent = done
      say(done)
      setTimeout(() => {
        button.textContent = label
      }, SHOWN_MS)
    })
  }
}

async function copy(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '')
    return true
  } catch {
    getSelection()?.selectAllChildren(source)
    source.focus()
    return false
  }
}
