/** Manifests of Kubernetes as `kubectl apply -k` reads them: loaded, and held against the models of its API, of which no field is missed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import * as z from 'zod'
import { errorMessage } from '../../base/errors.ts'

export type Manifest = Readonly<Record<string, unknown>>

/** What kustomize is asked for here, and nothing else: patches of maps, in which a list replaces a list. */
const kustomizationSchema = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
})
const identitySchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})

/** All documents of a folder with a kustomization. */
export function readKustomization(folder: string): readonly Manifest[] {
  const [kustomization] = readDocuments(join(folder, 'kustomization.yaml'))
  const { resources, patches } = kustomizationSchema.parse(kustomization)
  const documents = resources.flatMap(each => {
    const path = join(folder, each)
    return each.endsWith('.yaml') ? readDocuments(path) : readKustomization(path)
  })
  return patches
    .flatMap(({ path }) => readDocuments(join(folder, path)))
    .reduce((all, patch) => {
      const patched = identityOf(patch)
      if (!all.some(each => identityOf(each) === patched)) throw new Error(`nothing to patch is ${patched}`)
      return all.map(each => (identityOf(each) === patched ? merged(each, patch) : each))
    }, documents)
}

export function readDocuments(path: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map(document => {
    const [error] = document.errors
    if (error) throw error
    return z.record(z.string(), z.unknown()).parse(document.toJS())
  })
}

function identityOf(document: Manifest): string {
  const { kind, metadata } = identitySchema.parse(document)
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}

/** RFC 7396 without nulls. */
function merged(into: Manifest, patch: Manifest): Manifest {
  const changes = Object.entries(patch).map(([key, value]) => {
    const old = into[key]
    return [key, isMap(value) && isMap(old) ? merged(old, value) : value]
  })
  return { ...into, ...Object.fromEntries(changes) }
}

const MODELS: Readonly<Record<string, () => Promise<object>>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'batch/v1': () => import('kubernetes-models/batch/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
}
const typeSchema = z.looseObject({ apiVersion: z.string(), kind: z.string() })
const modelSchema = z.custom<{ readonly prototype: { validate(this: unknown): void } }>(
  value => typeof value === 'function' && typeof value.prototype?.validate === 'function',
)

/** What the API would refuse of a document. */
export async function schemaProblems(document: Manifest): Promise<readonly string[]> {
  const { data: type } = typeSchema.safeParse(document)
  const load = MODELS[type?.apiVersion ?? '']
  if (!type || !load) return [`unknown apiVersion ${type?.apiVersion}`]
  const { data: model } = modelSchema.safeParse(Reflect.get(await load(), type.kind))
  if (!model) return [`${type.apiVersion} has no ${type.kind}`]
  const watched = new Watched()
  try {
    model.prototype.validate.call(watched.watch(document, type.kind))
  } catch (error) {
    if (!(error instanceof Error && 'errors' in error)) throw error
    return [`${type.kind}: ${errorMessage(error)}`]
  }
  return watched.unread().map(path => `unknown field ${path}`)
}

/**
 * The models check the fields that they know, and let any others pass, as the API does not. They read every field that they know: what
 * nobody has read is unknown.
 */
class Watched {
  readonly #seen = new Map<object, { readonly path: string; readonly read: Set<PropertyKey> }>()

  watch<Value extends object>(value: Value, path: string): Value {
    const read = new Set<PropertyKey>()
    this.#seen.set(value, { path, read })
    return new Proxy(value, {
      get: (target, key) => {
        read.add(key)
        const inner: unknown = Reflect.get(target, key)
        return typeof inner === 'object' && inner !== null && Object.hasOwn(target, key)
          ? this.watch(inner, `${path}.${String(key)}`)
          : inner
      },
    })
  }

  unread(): readonly string[] {
    return [...this.#seen].flatMap(([value, { path, read }]) =>
      Object.keys(value)
        .filter(key => !read.has(key))
        .map(key => `${path}.${key}`),
    )
  }
}

function isMap(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
