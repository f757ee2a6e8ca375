/** What no schema of Kubernetes says of the manifests of deploy/kubernetes: that their parts, the image and the command line agree. */
import * as z from 'zod'
import { errorMessage } from '../../base/errors.ts'
import { given } from '../../base/given.ts'
import { readCommandLine } from '../../bench/cli/command-line.ts'
import { ACTION } from '../../bench/cli/commands/fleet.ts'
import { COMMANDS } from '../../bench/cli/dispatch.ts'
import { readFlags } from '../../bench/cli/flags.ts'
import { policyProblems, portsOf, type Serving, selects } from './manifest-policies.ts'
import { type Manifest, schemaProblems } from './manifests.ts'

const labels = z.record(z.string(), z.string())
const reference = z.looseObject({ name: z.string() })
const namedSchema = z.looseObject({ metadata: reference })
const containerSchema = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).default([]),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        valueFrom: z.looseObject({
          fieldRef: z.looseObject({ fieldPath: z.string() }).optional(),
          secretKeyRef: z.looseObject({ name: z.string(), key: z.string() }).optional(),
        }),
      }),
    )
    .default([]),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.looseObject({ requests: labels, limits: labels }),
  securityContext: z.unknown(),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }))
    .default([]),
})
const podSchema = z.looseObject({
  metadata: z.looseObject({ labels: labels.default({}) }),
  spec: z.looseObject({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.literal(false),
    securityContext: z.looseObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.number().min(1),
      seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
    }),
    containers: z.array(containerSchema),
    volumes: z
      .array(
        z.looseObject({
          name: z.string(),
          configMap: reference.optional(),
          persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
        }),
      )
      .default([]),
  }),
})
export type Pod = z.infer<typeof podSchema>
type Container = z.infer<typeof containerSchema>

/** No privilege at all. */
const CONFINED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}
const serviceSchema = z.looseObject({
  metadata: reference,
  spec: z.looseObject({
    selector: labels,
    ports: z.array(z.looseObject({ port: z.number(), targetPort: z.string() })),
  }),
})
const templateOwnerSchema = z.looseObject({
  spec: z.looseObject({
    selector: z.looseObject({ matchLabels: labels }).optional(),
    template: podSchema,
    volumeClaimTemplates: z.array(z.looseObject({ metadata: reference })).default([]),
  }),
})

/** What a field of the downward API may hold. */
const FIELDS: Readonly<Record<string, string>> = {
  'status.podIP': '10.0.0.7',
  'spec.nodeName': 'node-7.example',
  'metadata.name': 'bench-run-x7k2p',
  "metadata.labels['topology.kubernetes.io/zone']": '',
}

/** The command line that a container runs, read by the command itself. */
export interface Read {
  readonly pod: Pod
  readonly container: Container
  readonly flags: Readonly<Record<string, unknown>>
}

/** @param entrypoint of the image @returns lines, none where all is well */
export async function problemsOf(
  documents: readonly Manifest[],
  entrypoint: readonly string[],
): Promise<readonly string[]> {
  const problems = (await Promise.all(documents.map(schemaProblems))).flat()
  // What is wrong by itself cannot be read.
  if (problems.length > 0) return problems
  const pods: Pod[] = []
  const claims: string[] = []
  for (const document of documents) {
    const isPod = document['kind'] === 'Pod'
    if (!isPod && !isMapWith(document['spec'], 'template')) continue
    const read = isPod ? podSchema.safeParse(document) : templateOwnerSchema.safeParse(document)
    if (!read.success) return [`${document['kind']}: ${z.prettifyError(read.error)}`]
    if (isPod) pods.push(podSchema.parse(document))
    else {
      const { selector, template, volumeClaimTemplates } = templateOwnerSchema.parse(document).spec
      pods.push(template)
      claims.push(...volumeClaimTemplates.map(each => each.metadata.name))
      if (selector && !selects(selector.matchLabels, template))
        problems.push(`${document['kind']}: its selector does not match the labels of its pods`)
    }
  }
  const reads: Read[] = []
  for (const pod of pods)
    for (const container of pod.spec.containers) {
      problems.push(...confinementProblems(container), ...volumeProblems(pod, container, claims))
      const words = [...(container.command ?? entrypoint), ...container.args]
      if (words.slice(0, 2).join(' ') !== 'node dist/bench/cli.js') continue
      const read = await readWords(words.slice(2), container)
      if (typeof read === 'string') problems.push(read)
      else reads.push({ pod, container, flags: read })
    }
  return [
    ...problems,
    ...referenceProblems(documents, pods),
    ...serviceProblems(documents, pods, reads),
    ...policyProblems(documents, pods, talking(reads)),
  ]
}

async function readWords(words: readonly string[], { env }: Container) {
  const values = new Map(env.map(each => [each.name, FIELDS[each.valueFrom.fieldRef?.fieldPath ?? '']]))
  let undefinedName: string | undefined
  const written = words.map(word =>
    word.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => {
      const value = values.get(name)
      if (value === undefined) undefinedName = whole
      return value ?? whole
    }),
  )
  if (undefinedName !== undefined) return `${undefinedName} is not in the environment of its container`
  try {
    const asked = await readCommandLine(written, COMMANDS)
    if (!asked) return `${written.join(' ')} asks for help`
    if (written[0] === 'fleet') ACTION.parse(asked.given.operands[0] ?? '')
    return readFlags(asked.command.flags, asked.given.flags)
  } catch (error) {
    return `${words[0]}: ${errorMessage(error)}`
  }
}

function confinementProblems({ image, securityContext, resources }: Container): readonly string[] {
  const isConfined = JSON.stringify(securityContext) === JSON.stringify(CONFINED)
  return given(
    !isConfined && `${image} has more rights than none`,
    resources.limits['memory'] === undefined && `${image} has no limit of memory`,
  )
}

function volumeProblems({ spec }: Pod, { volumeMounts, args }: Container, claims: readonly string[]) {
  const volumes = [...spec.volumes.map(each => each.name), ...claims]
  const out = args.flatMap(each => /^--out=(.*)$/.exec(each)?.[1] ?? [])
  const writable = volumeMounts.filter(each => !each.readOnly).map(each => `${each.mountPath}/`)
  return [
    ...volumeMounts.filter(each => !volumes.includes(each.name)).map(each => `no volume ${each.name}`),
    ...out
      .filter(path => !writable.some(each => path.startsWith(each)))
      .map(each => `${each} cannot be written`),
  ]
}

/** Secrets, configurations, claims and accounts that pods name. */
function referenceProblems(documents: readonly Manifest[], pods: readonly Pod[]): readonly string[] {
  const find = (kind: string, name: string) =>
    documents.find(each => each['kind'] === kind && namedSchema.parse(each).metadata.name === name)
  const specs = pods.map(pod => pod.spec)
  const secrets = specs
    .flatMap(spec => spec.containers.flatMap(container => container.env))
    .flatMap(({ valueFrom: { secretKeyRef } }) => secretKeyRef ?? [])
  const named = [
    ...specs.map(spec => ['ServiceAccount', spec.serviceAccountName]),
    ...secrets.map(({ name }) => ['Secret', name]),
    ...specs
      .flatMap(spec => spec.volumes)
      .map(({ configMap, persistentVolumeClaim }) =>
        configMap
          ? ['ConfigMap', configMap.name]
          : ['PersistentVolumeClaim', persistentVolumeClaim?.claimName],
      ),
  ] as const
  return [
    ...named
      .filter(([kind = '', name = '']) => !find(kind, name))
      .map(([kind, name]) => `there is no ${kind} ${name}`),
    ...secrets
      .filter(({ name, key }) => {
        const secret = find('Secret', name)
        return secret && !isMapWith(secret['stringData'], key)
      })
      .map(({ name, key }) => `Secret ${name} has no ${key}`),
  ]
}

function serviceProblems(
  documents: readonly Manifest[],
  pods: readonly Pod[],
  reads: readonly Read[],
): readonly string[] {
  const services = documents.filter(each => each['kind'] === 'Service').map(each => serviceSchema.parse(each))
  const broken = services.flatMap(({ metadata, spec }) => {
    const ports = pods.filter(pod => selects(spec.selector, pod)).flatMap(portsOf)
    return spec.ports
      .filter(
        ({ port, targetPort }) =>
          !ports.some(each => each.name === targetPort && each.containerPort === port),
      )
      .map(({ targetPort }) => `Service ${metadata.name} finds no port ${targetPort}`)
  })
  const reachable = services.flatMap(({ metadata, spec }) =>
    spec.ports.map(({ port }) => `${metadata.name}:${port}`),
  )
  const missed = urlsOf(reads)
    .filter(each => !reachable.includes(each))
    .map(each => `no Service is at ${each}`)
  return [...broken, ...missed]
}

/** At which ports those are served that run our program. */
function talking(reads: readonly Read[]): ReadonlyMap<Pod, Serving> {
  return new Map(
    reads.map(({ pod, container, flags }) => {
      const range = z.tuple([z.number(), z.number()]).safeParse(flags['udp-ports']).data?.join('-')
      const control = container.ports.map(each => `TCP ${each.containerPort}`)
      const data = range === undefined ? [] : [`TCP ${range}`, `UDP ${range}`]
      return [pod, { control, data }]
    }),
  )
}

function urlsOf(reads: readonly Read[]): readonly string[] {
  return reads.flatMap(({ container }) =>
    container.args.flatMap(each => /^--(?:join|hosts)=nats:\/\/(.*)$/.exec(each)?.[1] ?? []),
  )
}

function isMapWith(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value
}
