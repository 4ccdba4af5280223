import { hasProperties, type Properties } from './index-template.ts'

/**
 * Why Elasticsearch would refuse a document under a mapping with `dynamic: strict`, each fault with its field; nothing
 * where it would take it. As far as our mapping goes: objects may be written with dots, a field may have several
 * values, numbers may be text, and what is longer than `ignore_above` is taken and not searched for.
 */
export function unfitting(document: Readonly<Record<string, unknown>>, properties: Properties): readonly string[] {
  return faultsIn(document, properties, '')
}

function faultsIn(value: object, properties: Properties, above: string): readonly string[] {
  return Object.entries(value).flatMap(([name, held]) => faultsOf(name, held, properties, above))
}

function faultsOf(name: string, value: unknown, properties: Properties, above: string): readonly string[] {
  const [first = '', ...rest] = name.split('.')
  const field = above === '' ? first : `${above}.${first}`
  const node = Object.hasOwn(properties, first) ? properties[first] : undefined
  if (node === undefined) return [`${field}: the mapping has no such field`]
  if (hasProperties(node)) {
    if (rest.length > 0) return faultsOf(rest.join('.'), value, node.properties, field)
    if (value === null) return []
    return typeof value === 'object' ? faultsIn(value, node.properties, field) : [`${field}: is an object there`]
  }
  if (rest.length > 0) return [`${field}: is no object there`]
  const values = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]
  const takes = takers[node.type]
  if (takes === undefined) return [`${field}: ${node.type} is no type that is known here`]
  return values.every((each) => each === null || takes(each))
    ? []
    : [`${field}: ${node.type} does not take ${JSON.stringify(value).slice(0, 100)}`]
}

const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)
const LONGS = { least: -(2n ** 63n), most: 2n ** 63n - 1n }

const takers: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: isScalar,
  text: isScalar,
  boolean: (value) => typeof value === 'boolean' || value === 'true' || value === 'false' || value === '',
  date: (value) => typeof value === 'number' || (typeof value === 'string' && isInstant(value)),
  long: (value) => {
    if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) < 2 ** 63
    if (typeof value !== 'string' || !/^-?\d+$/.test(value)) return false
    return BigInt(value) >= LONGS.least && BigInt(value) <= LONGS.most
  },
  flattened: (value) => typeof value === 'object',
}

const isInstant = (text: string) =>
  /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text))
