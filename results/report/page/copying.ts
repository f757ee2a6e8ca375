/** Copies a command to the clipboard, or selects it where the browser does not let a page do that. */
import { all, say } from './elements.ts'

/** How long a button tells that it has copied. */
const TOLD_MS = 2500

export function wakeCopying(): void {
  for (const button of all('button[data-copy]', HTMLButtonElement)) {
    const source = document.getElementById(button.dataset['copy'] ?? '')
    const label = button.textContent
    if (!source) continue
    button.addEventListener('click', async () => {
      const copied = await copy(source)
      const told = copied ? 'Copied' : 'Selected: now copy it'
      button.textContent = told
      say(told)
      setTimeout(() => {
        button.textContent = label
      }, TOLD_MS)
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
