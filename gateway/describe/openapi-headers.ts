import type { Route } from '../routes.ts'

/** What a request may say by headers and an answer says by them, named once for the whole document. */
const asked = {
  'Idempotency-Key': {
    schema: { $ref: '#/components/schemas/IdempotencyKey' },
    description: 'The same for each repetition of one command. Only a dry run needs none.',
  },
  'At-Least': {
    schema: { $ref: '#/components/schemas/PositionVector' },
    description: 'A Position that the answer must reflect; it is waited for.',
  },
  Prefer: {
    schema: { type: 'string', examples: ['wait=10', 'handling=lenient'] },
    description:
      'RFC 7240. `wait` is how many seconds to wait: for the position (10 at most), or for what becomes of a payment ' +
      'or a closing (30). `handling=lenient` takes a read that is not at its position in time.',
  },
  DPoP: {
    schema: { type: 'string' },
    description: 'The proof of a token that is bound to a key, made for this request (RFC 9449).',
  },
  'X-CSRF-Token': {
    schema: { type: 'string' },
    description: 'The csrfToken of GET /session, where a session says who asks.',
  },
  'X-Unattended': {
    schema: { type: 'string', enum: ['?1'] },
    description: 'Nobody asked: a session is not used by it.',
  },
  'Last-Event-ID': {
    schema: { $ref: '#/components/schemas/PositionVector' },
    description: 'The id of the last event that was received: the stream goes on behind it.',
  },
  traceparent: { schema: { type: 'string' }, description: 'W3C trace context, taken where it is well-formed.' },
} as const

const answered = {
  Position: {
    schema: { $ref: '#/components/schemas/PositionVector' },
    description: 'What the answer reflects, or where the command stands in the ledger.',
  },
  Age: { schema: { type: 'integer', minimum: 0 }, description: 'Whole seconds since the read model held everything.' },
  Behind: { schema: { type: 'string', pattern: '^[0-9]+\\.[0-9]$' }, description: 'The same to a tenth of a second.' },
  Stale: { schema: { type: 'string', enum: ['true'] }, description: 'It is not at the position, or stopped.' },
  'Cache-Status': {
    schema: { type: 'string' },
    description: 'Of what the gateway had kept: RFC 9211. With `Stale`, its service is away, for the reason `detail`.',
  },
  'Preference-Applied': { schema: { type: 'string' }, description: 'What of Prefer a read heeded (RFC 7240).' },
  Location: { schema: { type: 'string' }, description: 'Where to go, or where it is shown what is under way.' },
  'Idempotent-Replayed': {
    schema: { type: 'string', enum: ['true'] },
    description: 'An earlier request with this key was decided, and this is its answer.',
  },
  'Retry-After': { schema: { type: 'integer', minimum: 0 }, description: 'Seconds until it may go through.' },
  'WWW-Authenticate': {
    schema: { type: 'string' },
    description: 'Of 401, of 403 for want of a scope, and of several Authorization headers: RFC 6750, RFC 9449.',
  },
  Allow: { schema: { type: 'string' }, description: 'Of 405: the methods that are offered.' },
  RateLimit: {
    schema: { type: 'string' },
    description: 'What is left of the limit (draft-ietf-httpapi-ratelimit-headers).',
  },
  'RateLimit-Policy': { schema: { type: 'string' }, description: 'The limit, where there is one.' },
  'Cache-Control': { schema: { type: 'string', enum: ['private, no-store'] } },
  Vary: { schema: { type: 'string', enum: ['Authorization, Cookie'] } },
  'Content-Disposition': { schema: { type: 'string' }, description: 'The name of the file.' },
  'Clear-Site-Data': { schema: { type: 'string' }, description: 'What a browser forgets.' },
  'Set-Cookie': { schema: { type: 'string' }, description: 'The session, sealed.' },
  traceparent: { schema: { type: 'string' }, description: 'The trace that the request has in our logs.' },
} as const

type Asked = keyof typeof asked
type Answered = keyof typeof answered

/** For `components` of the document. */
export const parameters = Object.fromEntries(
  Object.entries(asked).map(([name, described]) => [name, { name, in: 'header', ...described }]),
)
export const headers: Readonly<Record<string, object>> = answered

const refs = (names: readonly Asked[]) => names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
export const headerRefs = (...names: readonly Answered[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** What the answer to anything may say that is not for everybody. */
const always = ['Cache-Control', 'Vary', 'traceparent', 'RateLimit', 'RateLimit-Policy'] as const
const freshness = ['Position', 'Age', 'Behind', 'Stale', 'Preference-Applied'] as const
export const refusalHeaders = headerRefs(
  ...always,
  ...freshness,
  ...(['Retry-After', 'WWW-Authenticate', 'Allow', 'Idempotent-Replayed'] as const),
)

/** Whether it is answered from a read model at a position; the rest of reads tell what is now, or the log itself. */
function isOfReadModel({ method, upstream, flow, path }: Route): boolean {
  if (method !== 'GET' || flow === 'events' || ['/v1/audit/accesses', '/v1/audit/verifications'].includes(path))
    return false
  return ['accounts', 'reconciliation'].includes(upstream) || (upstream === 'audit' && flow === 'small')
}

function isCommand({ method, upstream, path }: Route): boolean {
  return method === 'POST' && upstream === 'write-side' && !path.startsWith('/v1/parked/')
}

/** Commands that may come about later, which can be waited for. */
const waitable = ['/v1/payments', '/v1/payments/batch', '/v1/payments/:paymentId/refund', '/v1/periods']

/** The headers that a request of a route may have; in a batch each item has a key of its own. */
export function headersAskedOf(route: Route) {
  const { method, path, flow } = route
  return refs([
    ...(isCommand(route) && !path.endsWith('/batch') ? (['Idempotency-Key'] as const) : []),
    ...(isOfReadModel(route) ? (['At-Least', 'Prefer'] as const) : []),
    ...(method === 'POST' && waitable.includes(path) ? (['Prefer'] as const) : []),
    ...(flow === 'events' ? (['Last-Event-ID'] as const) : []),
    ...(method === 'POST' ? (['X-CSRF-Token'] as const) : []),
    ...(['DPoP', 'X-Unattended', 'traceparent'] as const),
  ])
}

/** The headers that a success of a route may have. */
export function headersAnsweredBy(route: Route, status: string) {
  const { path } = route
  return headerRefs(
    ...always,
    ...(isOfReadModel(route) ? freshness : []),
    ...(route.kept ? (['Cache-Status'] as const) : []),
    ...(isCommand(route) ? (['Position', 'Idempotent-Replayed'] as const) : []),
    ...(isCommand(route) && status === '202' ? (['Location'] as const) : []),
    ...(path.endsWith('.csv') || isOfReadModel(route) || path === '/v1/audit/accesses'
      ? (['Content-Disposition'] as const)
      : []),
  )
}
