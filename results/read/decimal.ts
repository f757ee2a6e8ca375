/** A plain decimal number straight from bytes, where that gives exactly what Number() gives of its text. */

const POINT = 0x2e
const ZERO = 0x30
/** Any whole number of so many digits is exact, and so is the power of ten that it is divided by. */
const DIGITS = 15
const POWERS = Float64Array.from({ length: DIGITS + 1 }, (_, power) => 10 ** power)

/**
 * The number that stands in `bytes` from `start` to before `end`: digits, and a decimal mark where there is one. NaN for anything else,
 * also for a number with a sign, an exponent or more than 15 digits. Both operands of the one division are exact, so that it is
 * rounded once, and correctly: Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990.
 */
export function decimal(bytes: Uint8Array, start: number, end: number, mark: number = POINT): number {
  let digits = 0
  let mantissa = 0
  let behindPoint = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
    } else if (byte === mark && behindPoint < 0) {
      behindPoint = at + 1
    } else return Number.NaN
  }
  if (digits === 0 || digits > DIGITS) return Number.NaN
  return behindPoint < 0 ? mantissa : mantissa / (POWERS[end - behindPoint] ?? Number.NaN)
}
