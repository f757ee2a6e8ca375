/** deploy/kubernetes, held against the models of the API, the image and our own command line; what is broken in it is found. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readToken } from '../../../bench/cli/secrets.ts'
import { ROWS_KEPT } from '../../../bench/fleet/bus/load.ts'
import { problemsOf } from '../../support/manifest-checks.ts'
import { type Manifest, readDocuments, readKustomization } from '../../support/manifests.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const FOLDER = join(ROOT, 'deploy/kubernetes')
const VARIANTS = ['pod-network', 'host-network']
const BESIDE = ['run.yaml', 'read-rows.yaml', 'secret.example.yaml']

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const documentsOf = (variant: string): readonly Manifest[] => [
  ...readKustomization(join(FOLDER, variant)),
  ...BESIDE.flatMap(file => readDocuments(join(FOLDER, file))),
]
const problems = (documents: readonly Manifest[]) =>
  problemsOf(documents, JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text('deploy/Dockerfile'))?.[1] ?? '[]'))

describe('the manifests of deploy/kubernetes', () => {
  for (const variant of VARIANTS)
    it(`are valid and agree with each other: ${variant}`, async () => {
      assert.deepEqual(await problems(documentsOf(variant)), [])
    })

  it('are all looked at', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(each =>
      each.endsWith('.yaml'),
    )
    const listed = VARIANTS.flatMap(variant =>
      [...text(`deploy/kubernetes/${variant}/kustomization.yaml`).matchAll(/([\w-]+\.yaml)$/gm)].map(
        ([, file]) => `${variant}/${file}`,
      ),
    )
    const known = [...BESIDE, ...listed, ...VARIANTS.map(each => `${each}/kustomization.yaml`)]
    assert.deepEqual(files.sort(), known.sort())
  })

  it('have a NATS server with room for the stream of rows, and a volume with room for what it may store', () => {
    const nats = text('deploy/kubernetes/pod-network/nats.yaml')
    const storeMiB = Number(/max_file_store: (\d+)MB/.exec(nats)?.[1])
    const volumeGiB = Number(/requests: \{ storage: (\d+)Gi \}/.exec(nats)?.[1])
    assert(storeMiB * 2 ** 20 > ROWS_KEPT.bytes && storeMiB < 1024 * volumeGiB)
  })

  it('differ in the network of the daemons, and in what follows from it', () => {
    const [pods, hosts] = VARIANTS.map(variant => readKustomization(join(FOLDER, variant)))
    const changed = pods?.filter((each, index) => JSON.stringify(each) !== JSON.stringify(hosts?.[index]))
    assert.deepEqual(changed?.map(each => each['kind']).sort(), ['DaemonSet', 'Namespace', 'NetworkPolicy'])
  })

  it('have a token for an example that a server refuses', () => {
    const [secret] = readDocuments(join(FOLDER, 'secret.example.yaml'))
    const token = /"token":"([^"]*)"/.exec(JSON.stringify(secret))?.[1]
    assert.throws(() => readToken(undefined, token), /a token of \d+ characters is too short/)
  })

  const LABELS = (component: string) =>
    `"labels":{"app.kubernetes.io/name":"bench","app.kubernetes.io/component":"${component}"}`
  // What to replace, by what, and what is said then.
  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['"containerPort"', '"containerPrt"', /must have required property containerPort/],
    [
      '"hostNetwork":true',
      '"hostNetwrok":true',
      /^unknown field DaemonSet\.spec\.template\.spec\.hostNetwrok$/,
    ],
    ['"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"', /^unknown field .*readOnlyRootFileSystem$/],
    ['"limits":{"memory":"3Gi"}', '"limits":{"memory":true}', /limits\/memory must be string/],
    ['"limits":{"memory":"3Gi"}', '"limits":{"memory":"3 GB"}', /must match format "quantity"/],
    ['"limits":{"memory":"3Gi"}', '"limits":{}', /has no limit of memory$/],
    ['"replicas":1', '"replicas":"1"', /spec\/replicas must be integer/],
    ['"apps/v1"', '"apps/v2"', /^unknown apiVersion apps\/v2$/],
    ['"kind":"DaemonSet"', '"kind":"DemonSet"', /^apps\/v1 has no DemonSet$/],
    ['"drop":["ALL"]', '"drop":["NET_RAW"]', /has more rights than none$/],
    ['"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true', /has more rights than none$/],
    ['"runAsNonRoot":true', '"runAsNonRoot":false', /runAsNonRoot/],
    [
      '"matchLabels":{"app.kubernetes.io/name":"bench","app.kubernetes.io/component":"daemon"}',
      '"matchLabels":{"app.kubernetes.io/name":"bensh"}',
      /its selector does not match/,
    ],
    [LABELS('coordinator'), LABELS('driver'), /^a NetworkPolicy selects no pod/],
    ['--udp-ports=', '--udp-port=', /^serve: .*did you mean --udp-ports\?/],
    ['--udp-ports=6000-6099', '--udp-ports=6000-6199', /^daemon to daemon: open is .*needed .*6000-6199/],
    ['--udp-ports=6000-6099', '--udp-ports=all', /^serve: .*not a range of ports/],
    ['--hosts=nats', '--host=nats', /^fleet: /],
    ['--repeat=6', '--repeat=none', /^fleet: --repeat/],
    ['"fleet","run"', '"fleet","runn"', /^fleet: .*did you mean run\?/],
    ['$(NODE_NAME)', '$(NODENAME)', /^\$\(NODENAME\) is not in the environment/],
    ['"containerPort":5990', '"containerPort":5991', /^daemon to daemon: open is TCP 5990/],
    ['{"port":4222,"protocol":"TCP"}', '{"port":4223,"protocol":"TCP"}', /^daemon to nats: open is TCP 4223/],
    ['"port":4222,"targetPort"', '"port":4223,"targetPort"', /^Service bench-nats finds no port nats$/],
    ['//bench-nats:4222', '//nats:4222', /^no Service is at nats:4222$/],
    ['"key":"token"', '"key":"tokens"', /^Secret bench-token has no tokens$/],
    ['"secretKeyRef":{"name":"bench-token"', '"secretKeyRef":{"name":"token"', /^there is no Secret token$/],
    ['"claimName":"bench-rows"', '"claimName":"rows"', /^there is no PersistentVolumeClaim rows$/],
    [
      '"serviceAccountName":"bench"',
      '"serviceAccountName":"benches"',
      /^there is no ServiceAccount benches$/,
    ],
    ['--out=/rows/', '--out=/tmp/', /^\/tmp\/\$\(POD_NAME\)\.csv cannot be written$/],
    ['"mountPath":"/rows"}', '"mountPath":"/rows","readOnly":true}', /^\/rows\/.* cannot be written$/],
  ]
  for (const [from, to, said] of broken)
    it(`are refused with ${to} in the place of ${from}`, async () => {
      const variant = from.includes('hostNetwork') ? 'host-network' : 'pod-network'
      const whole = JSON.stringify(documentsOf(variant))
      assert(whole.includes(from))
      const found = await problems(JSON.parse(whole.replaceAll(from, to)))
      assert(
        found.some(each => said.test(each)),
        `${said} in ${JSON.stringify(found)}`,
      )
    })
})

it('the context of the image has what its build needs', () => {
  const kept = [...text('.dockerignore').matchAll(/^!(.*)$/gm)].map(([, name = '']) => name)
  const { include } = JSON.parse(text('tsconfig.json'))
  const rooms = include.filter((each: string) => each !== 'test')
  const configurations = [...text('package.json').matchAll(/tsc -p (tsconfig\S*\.json)/g)].map(
    ([, name = '']) => name,
  )
  for (const each of [
    ...rooms,
    ...configurations,
    'tsconfig.json',
    'package.json',
    'package-lock.json',
    'LICENSE',
  ])
    assert(kept.includes(each), each)
})
