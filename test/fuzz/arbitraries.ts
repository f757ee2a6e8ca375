/** What every target is made of. */
import fc from 'fast-check'

export type Target = () => fc.IRawProperty<unknown>

export const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(each => Buffer.from(each))
