/** .github/workflows, held against what there is to run: scripts, files, jobs, values of a matrix. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const FOLDER = join(ROOT, '.github/workflows')
const { scripts, bin, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

const name = z.string().min(1)
const stepSchema = z
  .strictObject({
    if: name.optional(),
    uses: name.regex(/^[\w-]+\/[\w-]+@v\d+$/).optional(),
    run: name.optional(),
    shell: z.literal('bash').optional(),
    with: z.record(name, z.union([name, z.number(), z.boolean()])).optional(),
    env: z.record(name, name).optional(),
  })
  .refine(({ uses, run }) => (uses === undefined) !== (run === undefined), 'either uses or run')
const permissions = z.record(name, z.enum(['read', 'write', 'none']))
const workflowSchema = z.strictObject({
  name,
  on: z.union([z.array(name), z.record(name, z.unknown())]),
  permissions,
  jobs: z.record(
    name,
    z.strictObject({
      needs: z.union([name, z.array(name)]).optional(),
      'runs-on': name,
      container: z.union([name, z.strictObject({ image: name, options: name })]).optional(),
      permissions: permissions.optional(),
      strategy: z
        .strictObject({
          'fail-fast': z.boolean().optional(),
          matrix: z.record(name, z.array(z.union([name, z.number()]))),
        })
        .optional(),
      steps: z.array(stepSchema),
    }),
  ),
})
const texts = readdirSync(FOLDER).map(file => [file, readFileSync(join(FOLDER, file), 'utf8')] as const)

for (const [file, text] of texts) {
  const { jobs } = workflowSchema.parse(parse(text))

  test(`${file}: every command is one of this project`, () => {
    for (const { steps } of Object.values(jobs))
      for (const run of steps.flatMap(step => step.run ?? [])) {
        for (const [, script = ''] of run.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[script], script)
        for (const [, program = ''] of run.matchAll(/npx (\w+)/g)) assert.ok(bin[program], program)
        for (const [, path = ''] of run.matchAll(
          /(?:^|\s)(?:node .*?)?dist\/((?:bench|deploy|test)\/[\w/-]+)\.js/g,
        ))
          assert.ok(existsSync(join(ROOT, `${path}.ts`)), path)
        for (const [, path = ''] of run.matchAll(/(?:-f |^)(deploy\/\S+|\.ci\/\w+)/g))
          assert.ok(existsSync(join(ROOT, path)), path)
      }
  })

  test(`${file}: every job and value that is referred to exists, and code is fetched first`, () => {
    for (const [id, job] of Object.entries(jobs)) {
      for (const needed of [job.needs ?? []].flat()) assert.ok(jobs[needed], `${id} needs ${needed}`)
      const used = JSON.stringify(job).matchAll(/\$\{\{ ?matrix\.(\w+) ?\}\}/g)
      for (const [, key = ''] of used) assert.ok(job.strategy?.matrix[key], `matrix.${key} in ${id}`)
      assert.match(job.steps[0]?.uses ?? '', /^actions\/checkout@/)
    }
  })
}

test('the tests run on three systems and on every Node that is maintained', () => {
  const { jobs } = workflowSchema.parse(parse(readFileSync(join(FOLDER, 'test.yml'), 'utf8')))
  const matrix = jobs['all']?.strategy?.matrix
  assert.deepEqual(
    matrix?.['os']?.map(each => `${each}`.split('-')[0]),
    ['ubuntu', 'macos', 'windows'],
  )
  assert.deepEqual(matrix?.['node'], [22, 24, 26])
})

test('only the jobs that publish may write', () => {
  for (const [, text] of texts) {
    const { jobs, ...workflow } = workflowSchema.parse(parse(text))
    assert.deepEqual(workflow.permissions, { contents: 'read' })
    for (const [id, { permissions: own = {} }] of Object.entries(jobs))
      if (!['package', 'release'].includes(id)) assert.deepEqual(own, {})
  }
})

test('a release whose tag is not the version of package.json ends before anything is made', () => {
  const { jobs } = workflowSchema.parse(parse(readFileSync(join(FOLDER, 'release.yml'), 'utf8')))
  const step = jobs['binaries']?.steps.find(({ run }) => run?.includes('GITHUB_REF_NAME'))
  const passes = (tag: string) =>
    spawnSync('bash', ['-e', '-c', step?.run ?? ''], {
      cwd: ROOT,
      env: { ...process.env, GITHUB_REF_NAME: tag },
    }).status === 0
  assert.deepEqual([`v${version}`, `v${version}9`, 'v'].map(passes), [true, false, false])
})
