import { z } from 'zod'

const Schema = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof Schema>
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const GroupVersionKind = z.object({ group: z.string(), version: z.string(), kind: z.string() })
export const Swagger = z.object({ definitions: z.record(z.string(), Schema) })
export type Swagger = z.infer<typeof Swagger>

export type Wanted = { readonly apiVersion: string; readonly kind: string }

/** Where kubeconform looks for the schema of a kind, below the folder of schemas. */
export const TEMPLATE = '{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'
export function pathOf({ apiVersion, kind }: Wanted): string {
  // It calls the group that has no name by the version.
  const [version = '', group = version] = apiVersion.split('/').toReversed()
  return `${group}/${kind.toLowerCase()}_${version}.json`
}

/**
 * The schema of one of Kubernetes' own kinds, out of the description of its API, which refuses fields that there are
 * not. Undefined for a kind that it has not.
 */
export function ofKubernetes({ definitions }: Swagger, { apiVersion, kind }: Wanted): Schema | undefined {
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  const found = Object.entries(definitions).find(([, definition]) =>
    z
      .array(GroupVersionKind)
      .default([])
      .parse(definition['x-kubernetes-group-version-kind'])
      .some((each) => each.group === group && each.version === version && each.kind === kind),
  )
  if (!found) return undefined
  const strict = Object.entries(definitions).map(([name, definition]) => [name, leniencies[name] ?? closed(definition)])
  return { $ref: `#/definitions/${found[0]}`, definitions: Object.fromEntries(strict) }
}

/** What the description calls a text, and the API takes as a number, too. */
const leniencies: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
}

const Crd = z.object({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({ name: z.string(), served: z.boolean(), schema: z.object({ openAPIV3Schema: Schema }).optional() }),
    ),
  }),
})

/** The schema of a kind that this manifest defines, likewise strict; undefined where it defines another. */
export function ofDefinition(manifest: unknown, { apiVersion, kind }: Wanted): Schema | undefined {
  const crd = Crd.safeParse(manifest)
  if (!crd.success || crd.data.spec.names.kind !== kind) return undefined
  const { group, versions } = crd.data.spec
  const version = versions.find(({ name, served }) => served && apiVersion === `${group}/${name}`)
  const schema = version?.schema?.openAPIV3Schema
  if (!schema) return undefined
  const strict = closed(schema)
  // What every manifest has is not in the schema of each.
  const properties = { ...(isSchema(strict.properties) ? strict.properties : {}), metadata: { type: 'object' } }
  return { ...strict, properties }
}

/** As an API server reads a schema: a field that it does not name is refused, unless it says that any is kept. */
function closed(schema: Schema): Schema {
  const result: Schema = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'format' || key === 'description' || key === 'default' || key.startsWith('x-')) continue
    if (key === 'properties' && isSchema(value)) {
      result[key] = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closedOr(each)]))
    } else if (Array.isArray(value) && /^(any|all|one)Of$/.test(key)) result[key] = value
    else result[key] = closedOr(value)
  }
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['string', 'integer'] }
  if (schema.nullable === true && typeof schema.type === 'string') result.type = [schema.type, 'null']
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties !== undefined
  return schema.properties !== undefined && !isOpen ? { ...result, additionalProperties: false } : result
}

const closedOr = (value: unknown): unknown => (isSchema(value) ? closed(value) : value)
