/** The shortest names that distinguish files. */
import { sep } from 'node:path'

/** `b.csv`, or `old/b.csv` where another file has that name; a file that is given again gets `(2)` behind it. */
export function labelsOf(paths: readonly string[]): readonly string[] {
  const parts = paths.map(path =>
    path === '-' ? ['standard input'] : path.split(/[\\/]+/).filter(part => part !== '.'),
  )
  const labels = parts.map((part, index) => {
    for (let length = 1; length < part.length; length++) {
      const name = part.slice(-length).join(sep)
      const same = parts.filter(
        (other, at) => paths[at] !== paths[index] && other.slice(-length).join(sep) === name,
      )
      if (same.length === 0) return name
    }
    return part.join(sep) || paths[index] || ''
  })
  return labels.map((label, index) => {
    const before = labels.slice(0, index).filter(other => other === label).length
    return before === 0 ? label : `${label} (${before + 1})`
  })
}
