/**
 * How Elasticsearch keeps a field. `kept` is in the document alone: it is shown with its line, and not searched for.
 * `pairs` is an object of one level, name to text.
 */
export type FieldType = 'date' | 'keyword' | 'text' | 'long' | 'boolean' | 'kept' | 'pairs'

/** Fields of the Elastic Common Schema, and of OpenTelemetry where that has none (`http.route`). */
export const sharedFields = {
  '@timestamp': 'date',
  'log.level': 'keyword',
  message: 'text',
  'ecs.version': 'keyword',
  'event.dataset': 'keyword',
  'event.action': 'keyword',
  'event.reason': 'keyword',
  'event.duration': 'long',
  'service.name': 'keyword',
  'trace.id': 'keyword',
  'span.id': 'keyword',
  'error.type': 'keyword',
  'error.code': 'keyword',
  'error.message': 'text',
  'error.stack_trace': 'kept',
  'http.request.method': 'keyword',
  'http.route': 'keyword',
  'http.response.status_code': 'long',
  'file.path': 'keyword',
  'source.address': 'keyword',
  'user.id': 'keyword',
} as const satisfies Readonly<Record<string, FieldType>>

export type SharedField = keyof typeof sharedFields

/** What our lines call those. Times are in milliseconds here and in nanoseconds there. */
export const sharedNames: Readonly<Record<string, SharedField>> = {
  traceId: 'trace.id',
  spanId: 'span.id',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  reason: 'event.reason',
  event: 'event.action',
  subject: 'user.id',
  durationMs: 'event.duration',
  tookMs: 'event.duration',
}

/**
 * What our lines say beside those, by the name that it has in a line; in ECS `partition` is `micropay.partition` and
 * `endsAt` is `micropay.ends_at`. A name that is missing here, or a value that does not fit, stands in
 * `micropay.other`, so a new one is never why a line is refused.
 */
export const ownFields: Readonly<Record<string, FieldType>> = {
  ...namesOf('long', 'partition', 'partitions', 'seq', 'epoch', 'generation', 'offset', 'term', 'records', 'times'),
  ...namesOf('long', 'attempts', 'failures', 'messages', 'bytes', 'lines', 'inDoubt', 'from', 'resume', 'refused'),
  ...namesOf('long', 'underWay', 'sharedKeyCount'),
  ...namesOf('long', 'waitMs', 'lastedMs', 'timeoutMs'),
  ...namesOf('boolean', 'won'),
  ...namesOf('date', 'endsAt'),
  ...namesOf('keyword', 'upstream', 'lane', 'instance', 'instances', 'standing', 'ofService', 'caller', 'problem'),
  ...namesOf('keyword', 'client', 'tenant', 'address', 'url', 'publicUrl', 'issuer', 'at', 'host', 'of'),
  ...namesOf('keyword', 'database', 'owner', 'role', 'variable', 'changed', 'waiting', 'lease', 'worker', 'ownerId'),
  ...namesOf('keyword', 'log', 'technology', 'topic', 'stream', 'schema', 'alarm', 'command', 'paymentId', 'ledgerId'),
  ...namesOf('keyword', 'placement', 'hash'),
  ...namesOf('pairs', 'other'),
}

function namesOf(type: FieldType, ...names: readonly string[]): Record<string, FieldType> {
  return Object.fromEntries(names.map((name) => [name, type]))
}

/** The name in ECS of a field of our own. */
export function ownName(name: string): string {
  return `micropay.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
}

/** Every field that a line in ECS may have, by its whole name. */
export const ecsFields: Readonly<Record<string, FieldType>> = {
  ...sharedFields,
  ...Object.fromEntries(Object.entries(ownFields).map(([name, type]) => [ownName(name), type])),
}
