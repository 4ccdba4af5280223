/** What a manifest holds: maps, lists, texts, numbers, booleans and null. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }
export type Manifest = { readonly [key: string]: Value }

/** Lists of Kubernetes' own kinds whose items have a name: an item of a patch is merged into the one of its name. */
const keyOf: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
}
const kindsWithPods: ReadonlySet<Value | undefined> = new Set(['Deployment', 'StatefulSet', 'Job'])

export const isMap = (value: Value | undefined): value is Manifest =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What kustomize makes of a manifest and a strategic merge patch, as far as the overlays here go: maps are merged, null
 * takes away, lists of named items are merged by name in Kubernetes' own kinds, and others replaced. A patch says what
 * is changed, not what that one is called.
 */
export function merged(manifest: Manifest, patch: Manifest): Manifest {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...body } = patch
  return mergeMaps(manifest, body, kindsWithPods.has(manifest.kind))
}

export function mergeMaps(into: Manifest, patch: Manifest, isOfPods = false): Manifest {
  const result: Record<string, Value> = { ...into }
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key]
    if (value === null) delete result[key]
    else if (isMap(value) && isMap(before)) result[key] = mergeMaps(before, value, isOfPods)
    else if (Array.isArray(value) && Array.isArray(before) && isOfPods && keyOf[key]) {
      result[key] = mergeLists(before, value, keyOf[key])
    } else result[key] = isMap(value) ? mergeMaps({}, value, isOfPods) : value
  }
  return result
}

/** What is new comes first, as kustomize has it. */
function mergeLists(into: readonly Value[], patch: readonly Value[], key: string): readonly Value[] {
  const nameOf = (item: Value) => (isMap(item) ? item[key] : undefined)
  const isThere = (item: Value) => into.some((other) => nameOf(other) === nameOf(item))
  const kept = into.map((item) => {
    const change = patch.find((other) => nameOf(other) === nameOf(item))
    return isMap(item) && isMap(change) ? mergeMaps(item, change, true) : item
  })
  return [...patch.filter((item) => !isThere(item)), ...kept]
}
