/** Text for terminals and locales that know only ASCII. */

/** One sign for one, so that tables and charts stay as wide as they are; what stands in sentences may take more. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{ '─': '-', '━': '=', '│': '|', '├': '|', '┤': '|', '┼': '+', '┬': '+', '└': '+' },
  ...{ '╭': '.', '╮': '.', '╰': "'", '╯': "'", '▲': '^', '·': '.', '×': 'x', '✗': 'x', '→': '>' },
  ...{ '░': '.', '▒': ':', '▓': '+', '█': '#' },
  ...{ '▁': '_', '▂': '.', '▃': ':', '▄': '-', '▅': '=', '▆': '+', '▇': '*' },
  ...{ '–': '-', '−': '-', '’': "'", '“': "'", '”': "'", µ: 'u', '²': '2', '\u00a0': ' ' },
  ...{ '± ': '+-', '±': '+-', '≤ ': '<=', '≤': '<=', '∞': 'inf', '…': '...' },
}
const OURS = new RegExp(Object.keys(SIGNS).join('|'), 'gu')

/** Takes two columns (East Asian Width W and F, and pictures). */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Writes our signs in ASCII, and any other that is not as `?`, in as many columns; without the marks that stand over letters. */
export function toAscii(text: string): string {
  return text
    .replaceAll(OURS, sign => SIGNS[sign] ?? '?')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/\P{ASCII}/gu, sign => (WIDE.test(sign) ? '??' : '?'))
}

/** Whether a locale is set that is not UTF-8, such as C: the first of these that is set decides (POSIX, 8.2). */
export function isAsciiLocale({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG
  return locale ? !/utf-?8/i.test(locale) : false
}
