/** Finds and makes elements of the page. Text goes in as text, never as HTML. */

export function all<E extends Element>(
  selector: string,
  type: abstract new (...args: never) => E,
  within: ParentNode = document,
): readonly E[] {
  return [...within.querySelectorAll(selector)].filter((each): each is E => each instanceof type)
}

export function first<E extends Element>(
  selector: string,
  type: abstract new (...args: never) => E,
  within: ParentNode = document,
): E | undefined {
  return all(selector, type, within)[0]
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text?: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** Makes a screen reader say it. */
export function say(text: string): void {
  const spoken = first('#spoken', HTMLElement)
  if (spoken) spoken.textContent = text
}

/** Toggles a button; true if it is pressed now. */
export function press(button: HTMLButtonElement): boolean {
  const pressed = button.getAttribute('aria-pressed') !== 'true'
  button.setAttribute('aria-pressed', String(pressed))
  return pressed
}
