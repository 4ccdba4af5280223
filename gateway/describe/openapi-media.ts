import type { Route } from '../routes.ts'

const text = (description: string) => ({ schema: { type: 'string', description } })
const csv = { 'text/csv': text('A header line and a line for each row (RFC 4180), in UTF-8.') }
const lines = (name: string) => ({ 'application/x-ndjson': text(`${name}s as JSON, one a line.`) })

/** What a route answers that is no JSON, by its media type: a service's schemas say nothing of what it streams. */
export function otherContent(
  { path, method, flow }: Route,
  parameters: readonly { readonly name?: string | undefined }[],
): Readonly<Record<string, object>> {
  if (method !== 'GET') return {}
  if (flow === 'events') return { 'text/event-stream': text('Events `account` and `resync`, without an end.') }
  if (path.endsWith('.csv') || parameters.some(({ name }) => name === 'format')) return csv
  if (path.endsWith('/partitions/:partition/verify')) return lines('VerifyLine')
  if (path.endsWith('/verify')) return lines('AcrossLine')
  return path.endsWith('/replay') ? lines('ReplayLine') : {}
}

/** A body that is no JSON. */
export function otherBody({ lane }: Route) {
  if (lane !== 'statement') return {}
  const content = { 'application/xml': text("A bank's statement: camt.053.") }
  return { requestBody: { required: true, content } }
}
