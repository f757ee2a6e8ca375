/** Words for a POSIX shell. */

/** As it is where a shell takes it so, else within single quotes, in which nothing is special (POSIX, Shell Command Language, 2.2.2). */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Whether a word can be copied as it looks: nothing in it that a terminal would obey, and nothing that turns round what is beside it. */
export function isPlain(word: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(word)
}
