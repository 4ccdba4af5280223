import { ecsFields, type FieldType, ownFields, ownName, type SharedField, sharedNames } from './fields.ts'

type Line = Readonly<Record<string, unknown>>
type Document = Record<string, unknown>

const ECS_VERSION = '8.11.0'
const levels: Readonly<Record<number, string>> = {
  ...{ 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' },
}
const NANOSECONDS_PER_MS = 1_000_000
const LARGEST_LONG = 2n ** 63n - 1n

/**
 * A line of our log in the Elastic Common Schema: the same facts by the names that Kibana knows, flat, with dots. Read
 * from the finished line, so that what is redacted there is nowhere here; and a name that stands twice in a line (a
 * child's, and the call's own) stands once, since Elasticsearch refuses a document that has one twice. What is no JSON
 * object goes through as it is.
 */
export function toEcs(line: string, service: string): string {
  const read = readLine(line)
  return read === undefined ? line : `${JSON.stringify(ecsOf(read, service))}\n`
}

function readLine(line: string): Line | undefined {
  try {
    const read: unknown = JSON.parse(line)
    return isObject(read) ? read : undefined
  } catch {
    return undefined
  }
}

function ecsOf(line: Line, service: string): Document {
  const { time, level, msg, service: named, err, security, path, ...rest } = line
  const document: Document = {
    '@timestamp': time,
    'log.level': (typeof level === 'number' && levels[level]) || String(level),
    message: typeof msg === 'string' ? msg : '',
    'ecs.version': ECS_VERSION,
    'service.name': serviceName(service),
    'event.dataset': 'micropay.log',
  }
  // Of whom the line tells, where that is another one.
  if (named !== service) put(document, 'ofService', named)
  if (path !== undefined) putShared(document, 'traceId' in line ? 'http.route' : 'file.path', 'path', path)
  putError(document, err)
  for (const [name, value] of Object.entries(rest)) put(document, name, value)
  if (isObject(security)) putSecurity(document, security)
  else if (security !== undefined) putOther(document, 'security', security)
  return document
}

/** As metrics, traces and docs/deployment.md call it. */
function serviceName(service: string): string {
  const [kind, name] = service.split('/', 2)
  if (name === undefined) return service
  return kind === 'projections' ? `${name}-projection` : name
}

function putSecurity(document: Document, { address, ...event }: Line): void {
  if (address !== undefined) putShared(document, 'source.address', 'address', address)
  for (const [name, value] of Object.entries(event)) put(document, name, value)
}

function putError(document: Document, err: unknown): void {
  if (err === undefined || err === null) return
  const { type, message, stack, code, ...details } = isObject(err) ? err : { message: err }
  for (const [field, value] of Object.entries({ type, message, stack_trace: stack, code })) {
    if (value !== undefined && value !== null) document[`error.${field}`] = asText(value)
  }
  // Of an error of PostgreSQL, say, which constraint it was.
  if (Object.keys(details).length > 0) putOther(document, 'err', details)
}

function put(document: Document, name: string, value: unknown): void {
  const shared = Object.hasOwn(sharedNames, name) ? sharedNames[name] : undefined
  if (shared === undefined) putOwn(document, name, value)
  else putShared(document, shared, name, value)
}

function putOwn(document: Document, name: string, value: unknown): void {
  const type = Object.hasOwn(ownFields, name) ? ownFields[name] : undefined
  const fitting = type && type !== 'pairs' ? fit(type, value) : undefined
  if (fitting === undefined) putOther(document, name, value)
  else document[ownName(name)] = fitting
}

function putShared(document: Document, field: SharedField, name: string, value: unknown): void {
  const isTime = field === 'event.duration' && typeof value === 'number'
  const fitting = fit(ecsFields[field] ?? 'kept', isTime ? Math.round(value * NANOSECONDS_PER_MS) : value)
  if (fitting === undefined) putOther(document, name, value)
  else document[field] = fitting
}

/** What no field is for: as text, so that nothing that is in it can be refused. */
function putOther(document: Document, name: string, value: unknown): void {
  if (value === undefined || value === null || name === '') return
  const field = ownName('other')
  // Without a prototype, so that no name of a line is one that objects have by themselves.
  const others = isObject(document[field]) ? document[field] : Object.create(null)
  others[name] = asText(value)
  document[field] = others
}

/** The value as a field of that type takes it, or undefined where it takes no such value. */
function fit(type: FieldType, value: unknown): unknown {
  if (Array.isArray(value)) return type === 'keyword' && value.every(isScalar) ? value.map(String) : undefined
  if (!isScalar(value)) return undefined
  if (type === 'long') return isLong(value) ? value : undefined
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined
  if (type === 'date') return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined
  return String(value)
}

function isLong(value: string | number | boolean): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return false
  const figure = BigInt(value)
  return figure <= LARGEST_LONG && figure >= -LARGEST_LONG
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
