/** The shortest names that distinguish files. */
import { sep } from 'node:path'
import { tellApart } from '../../base/groups.ts'

/** `b.csv`, or `old/b.csv` where another file has that name; a file that is given again gets `(2)` behind it. */
export function labelsOf(paths: readonly string[]): readonly string[] {
  const ends = new Map(paths.map(path => [path, endsOf(path)]))
  const owners = new Map<string, number>()
  for (const end of [...ends.values()].flat()) owners.set(end, (owners.get(end) ?? 0) + 1)
  return tellApart(
    paths.map(path => {
      const all = ends.get(path) ?? []
      return all.find(end => owners.get(end) === 1) ?? all.at(-1) ?? path
    }),
  )
}

/** `c.csv`, `b/c.csv`, `a/b/c.csv`: what a path may be called, the shortest first. */
function endsOf(path: string): readonly string[] {
  if (path === '-') return ['standard input']
  const parts = path.split(/[\\/]+/).filter(part => part !== '.')
  const ends = parts.map((_, index) => parts.slice(index).join(sep)).reverse()
  return ends.filter(end => end !== '')
}
