import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { isMap, merged, mergeMaps, type Value } from './strategic-merge.ts'

const Target = z.strictObject({
  kind: z.string().optional(),
  name: z.string().optional(),
  labelSelector: z.string().optional(),
})
const Kustomization = z.strictObject({
  apiVersion: z.string(),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  labels: z
    .array(z.strictObject({ pairs: z.record(z.string(), z.string()), includeTemplates: z.literal(true) }))
    .default([]),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  configMapGenerator: z
    .array(z.strictObject({ name: z.string(), behavior: z.literal('merge').optional(), literals: z.array(z.string()) }))
    .default([]),
  patches: z.array(z.strictObject({ path: z.string(), target: Target.optional() })).default([]),
  replicas: z.array(z.strictObject({ name: z.string(), count: z.number() })).default([]),
  images: z
    .array(
      z.strictObject({
        name: z.string(),
        newName: z.string().optional(),
        newTag: z.string().optional(),
        digest: z.string().optional(),
      }),
    )
    .default([]),
})
type Kustomization = z.infer<typeof Kustomization>

const Manifest = z.custom<{ readonly [key: string]: Value }>((value) => typeof value === 'object' && value !== null)
type Manifest = z.infer<typeof Manifest>

/** What every resource has; the rest is looked at by whoever asks for it. */
export const Resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
})
export type Resource = z.infer<typeof Resource>

/**
 * What `kubectl kustomize` makes of a folder, as far as the overlays here go, without it: for tests that run where it
 * is not. Names of generated ConfigMaps have no hash. `npx pnpm@12 check:kubernetes` compares it with the real one.
 */
export function buildOverlay(folder: string): readonly Resource[] {
  return build(resolve(folder), []).map((manifest) => Resource.parse(manifest))
}

function build(folder: string, before: readonly Manifest[]): readonly Manifest[] {
  const own = Kustomization.parse(manifestsIn(join(folder, 'kustomization.yaml'))[0])
  let all: readonly Manifest[] = [...before, ...own.resources.flatMap((path) => resourcesAt(join(folder, path)))]
  for (const path of own.components) all = build(join(folder, path), all)
  for (const generator of own.configMapGenerator) all = withConfigMap(all, generator)
  for (const { path, target } of own.patches) {
    for (const patch of manifestsIn(join(folder, path))) {
      const wanted = target ?? { kind: String(patch.kind), name: Resource.parse(patch).metadata.name }
      const isFor = (manifest: Manifest) => isMeant(Resource.parse(manifest), wanted)
      if (!all.some(isFor)) throw new Error(`${join(folder, path)}: there is nothing that it is for`)
      all = all.map((manifest) => (isFor(manifest) ? merged(manifest, patch) : manifest))
    }
  }
  return all.map((manifest) => transformed(manifest, own))
}

function resourcesAt(path: string): readonly Manifest[] {
  return statSync(path).isDirectory() ? build(path, []) : manifestsIn(path)
}

/** By YAML 1.1, as Kubernetes reads it: `0440` is octal. */
export function manifestsIn(path: string): readonly Manifest[] {
  return manifestsOf(readFileSync(path, 'utf8'), path)
}

export function manifestsOf(text: string, path = 'the text'): readonly Manifest[] {
  return parseAllDocuments(text, { version: '1.1', merge: true }).map((document) => {
    const [fault] = [...document.errors, ...document.warnings]
    if (fault) throw new Error(`${path}: ${fault.message}`)
    return Manifest.parse(document.toJS())
  })
}

function withConfigMap(
  all: readonly Manifest[],
  { name, behavior, literals }: Kustomization['configMapGenerator'][number],
): readonly Manifest[] {
  const data = Object.fromEntries(
    literals.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const made: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
  if (behavior === undefined) return [...all, made]
  return all.map((manifest) =>
    isMeant(Resource.parse(manifest), { kind: 'ConfigMap', name }) ? merged(manifest, made) : manifest,
  )
}

function isMeant({ kind, metadata }: Resource, target: z.infer<typeof Target>): boolean {
  if (target.kind !== undefined && target.kind !== kind) return false
  if (target.name !== undefined && target.name !== metadata.name) return false
  return target.labelSelector === undefined || hasLabels(metadata.labels, target.labelSelector)
}

/** `key`, `key=value` or `key in (one, other)`. */
function hasLabels(labels: Readonly<Record<string, string>>, selector: string): boolean {
  const [, key = '', , equal, , among] = /^([^\s=]+)(\s*=\s*(\S+))?(\s+in\s+\(([^)]*)\))?$/.exec(selector) ?? []
  const value = labels[key]
  if (equal !== undefined) return value === equal
  if (among !== undefined) return among.split(',').some((name) => name.trim() === value)
  return value !== undefined
}

/** Namespaces, labels, numbers and images, wherever they stand in a manifest. */
function transformed(manifest: Manifest, { namespace, labels, replicas, images }: Kustomization): Manifest {
  const { kind, metadata } = Resource.parse(manifest)
  let result = manifest
  if (namespace !== undefined && kind !== 'Namespace') result = mergeMaps(result, { metadata: { namespace } })
  for (const { pairs } of labels) result = labelled(result, pairs)
  const count = replicas.find(({ name }) => name === metadata.name)?.count
  const isCounted = kind === 'Deployment' || kind === 'StatefulSet'
  if (count !== undefined && isCounted) result = mergeMaps(result, { spec: { replicas: count } })
  for (const image of images) result = withImage(result, image)
  return result
}

/** Of the manifest itself, and of the templates in it. */
function labelled(manifest: Manifest, labels: Readonly<Record<string, string>>): Manifest {
  const { spec } = manifest
  const named = mergeMaps(manifest, { metadata: { labels } })
  if (!isMap(spec)) return named
  const template = isMap(spec.template) ? { template: mergeMaps(spec.template, { metadata: { labels } }) } : {}
  const { volumeClaimTemplates: claims } = spec
  const withLabels = Array.isArray(claims)
    ? { volumeClaimTemplates: claims.map((claim) => mergeMaps(claim, { metadata: { labels } })) }
    : {}
  return { ...named, spec: { ...spec, ...template, ...withLabels } }
}

function withImage(manifest: Manifest, image: Kustomization['images'][number]): Manifest {
  const { name, newName = name, newTag, digest } = image
  const full = `${newName}${newTag === undefined ? '' : `:${newTag}`}${digest === undefined ? '' : `@${digest}`}`
  const visit = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(visit)
    if (!isMap(value)) return value
    const inside = Object.entries(value).map(([key, held]) => [
      key,
      key === 'image' && held === name ? full : visit(held),
    ])
    return Object.fromEntries(inside)
  }
  return Manifest.parse(visit(manifest))
}
