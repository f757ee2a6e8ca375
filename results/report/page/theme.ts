/** Switches between light and dark; follows the system until a person chooses. */
import { first } from './elements.ts'

export function wakeTheme(): void {
  const button = first('#theme', HTMLButtonElement)
  if (!button) return
  const system = matchMedia('(prefers-color-scheme: dark)')
  let chosen: 'light' | 'dark' | undefined
  const isDark = () => (chosen ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const show = () => {
    if (chosen) document.documentElement.dataset['theme'] = chosen
    button.textContent = isDark() ? 'Light colours' : 'Dark colours'
  }
  button.addEventListener('click', () => {
    chosen = isDark() ? 'light' : 'dark'
    show()
  })
  system.addEventListener('change', show)
  show()
}
