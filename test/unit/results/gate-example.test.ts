/** examples/github-actions.yml is YAML of jobs, whose commands and flags there are. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { split } from 'shlex'
import { parse } from 'yaml'
import * as z from 'zod'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import { builtInScenarios } from '../../../scenarios/load.ts'

const ROOT = new URL('../../../../', import.meta.url)
const step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z
    .string()
    .regex(/^actions\/[\w-]+@v\d+$/)
    .optional(),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  run: z.string().optional(),
  'working-directory': z.string().optional(),
})
const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      'runs-on': z.string(),
      needs: z.string().optional(),
      strategy: z.object({ matrix: z.object({ os: z.array(z.string()) }) }).optional(),
      steps: z.array(step).min(1),
    }),
  ),
})
const { jobs } = workflow.parse(
  parse(readFileSync(fileURLToPath(new URL('examples/github-actions.yml', ROOT)), 'utf8')),
)

const commands = Object.values(jobs)
  .flatMap(({ steps }) => steps.flatMap(({ run }) => run?.split('\n') ?? []))
  .filter(line => line.includes('bench '))

describe('examples/github-actions.yml', () => {
  test('has a gate of pairs, a gate by history, and a table of three systems', () => {
    assert.deepEqual(Object.keys(jobs), ['regression', 'history', 'systems', 'table'])
    assert.deepEqual(jobs['systems']?.strategy?.matrix.os, [
      'ubuntu-latest',
      'macos-latest',
      'windows-latest',
    ])
    assert.equal(jobs['table']?.needs, 'systems')
    assert.deepEqual(
      commands.map(line => /^npx bench (\w+)/.exec(line)?.[1]),
      ['ab', 'check', 'run', 'compare'],
    )
  })

  for (const line of commands)
    test(`calls what there is: ${line}`, async () => {
      // An expression of GitHub is one word, and what follows > is the shell's.
      const words = split(line.replaceAll(/\$\{\{.*?\}\}/g, 'x').replace(/>.*/, '')).slice(2)
      const [command = '', ...rest] = words
      let help = ''
      const terminal = {
        out: (text: string) => {
          help += text
        },
        data: () => {},
        err: () => {},
        errStream: new PassThrough(),
        argv: [],
        width: 100,
        color: false,
        live: false,
      }
      assert.equal(await dispatch([command, '--help-all'], terminal, new AbortController().signal), 0)
      const flags = rest.filter(word => word.startsWith('--'))
      assert(flags.length > 1)
      // Help shows a flag of one letter with one dash.
      for (const flag of flags)
        assert.match(help, new RegExp(`^ +(-\\w, )?${flag.replace(/^--(?=.$)/, '-')}[ ,]`, 'm'), flag)
      if (rest[0] && /^\w+$/.test(rest[0])) assert(builtInScenarios().some(each => each.name === rest[0]))
    })
})
