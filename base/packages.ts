/** How to get a package that is not installed. */
import { isSea } from 'node:sea'

/** @param names of packages, separated by spaces */
export function packageRemedy(names: string): string {
  const install = `npm install ${names}`
  return isSea() ? `a single executable cannot load packages: ${install}, with the package of bench` : install
}
