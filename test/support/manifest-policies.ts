/** Who reaches whom by the policies of a network, beside who has to: nobody else does. */
import * as z from 'zod'
import type { Pod } from './manifest-checks.ts'
import type { Manifest } from './manifests.ts'

const labels = z.record(z.string(), z.string())
const portSchema = z.strictObject({
  port: z.number(),
  endPort: z.number().optional(),
  protocol: z.enum(['TCP', 'UDP']),
})
const peerSchema = z.strictObject({ podSelector: z.strictObject({ matchLabels: labels }) })
const ruleSchema = z.looseObject({
  from: z.array(peerSchema).optional(),
  to: z.array(peerSchema).optional(),
  ports: z.array(portSchema),
})
const policySchema = z.looseObject({
  spec: z.looseObject({
    podSelector: z.looseObject({ matchLabels: labels.default({}) }),
    ingress: z.array(ruleSchema).default([]),
    egress: z.array(ruleSchema).default([]),
  }),
})

/** Ports that a pod takes others at. */
export interface Serving {
  readonly control: readonly string[]
  readonly data: readonly string[]
}

/** @param serving pods that run our program */
export function policyProblems(
  documents: readonly Manifest[],
  pods: readonly Pod[],
  serving: ReadonlyMap<Pod, Serving>,
): readonly string[] {
  const policies = documents
    .filter(each => each['kind'] === 'NetworkPolicy')
    .map(each => policySchema.parse(each).spec)
  const blind = policies.flatMap(selectorsOf).filter(each => !pods.some(pod => selects(each, pod)))
  const isFree = (pod: Pod) => pod.spec['hostNetwork'] === true
  const neededBetween = (from: Pod, to: Pod): readonly string[] => {
    const [asks, answers] = [serving.get(from), serving.get(to)]
    if (!asks) return []
    if (!answers) return portsOf(to).map(each => `TCP ${each.containerPort}`)
    return [...answers.control, ...(asks.data.length > 0 ? answers.data : [])]
  }
  const wrong = pods.flatMap(from =>
    pods.flatMap(to => {
      const needed = neededBetween(from, to)
      // The network of a node is not subject to policies, and what they let in from there comes from anywhere.
      const into =
        isFree(to) || (needed.length === 0 && pods.some(isFree))
          ? needed
          : granted(policies, to, 'ingress', from)
      const out = isFree(from) || isFree(to) ? needed : granted(policies, from, 'egress', to)
      return [into, out]
        .filter(each => [...each].sort().join() !== [...needed].sort().join())
        .map(
          each =>
            `${nameOf(from)} to ${nameOf(to)}: open is ${each.join(', ') || 'nothing'}, needed ${needed.join(', ') || 'nothing'}`,
        )
    }),
  )
  return [...blind.map(each => `a NetworkPolicy selects no pod: ${JSON.stringify(each)}`), ...wrong]
}

function selectorsOf({ podSelector, ingress, egress }: z.infer<typeof policySchema>['spec']) {
  const peers = [...ingress, ...egress].flatMap(each => [...(each.from ?? []), ...(each.to ?? [])])
  return [podSelector.matchLabels, ...peers.map(peer => peer.podSelector.matchLabels)]
}

function nameOf({ metadata }: Pod): string {
  return metadata.labels['app.kubernetes.io/component'] ?? 'a pod'
}

/** The ports that policies of a pod open for another one. */
function granted(
  policies: readonly z.infer<typeof policySchema>['spec'][],
  pod: Pod,
  way: 'ingress' | 'egress',
  other: Pod,
): readonly string[] {
  return policies
    .filter(({ podSelector }) => selects(podSelector.matchLabels, pod))
    .flatMap(policy => policy[way])
    .filter(rule => {
      const peers = rule[way === 'ingress' ? 'from' : 'to']
      // Names are asked of whoever knows them.
      if (!peers) return way === 'ingress'
      return peers.some(peer => selects(peer.podSelector.matchLabels, other))
    })
    .flatMap(({ ports }) => ports)
    .map(({ port, endPort, protocol }) => `${protocol} ${port}${endPort === undefined ? '' : `-${endPort}`}`)
}

export function selects(matchLabels: Readonly<Record<string, string>>, { metadata }: Pod): boolean {
  return Object.entries(matchLabels).every(([key, value]) => metadata.labels[key] === value)
}

export function portsOf({ spec }: Pod) {
  return spec.containers.flatMap(each => each.ports)
}
