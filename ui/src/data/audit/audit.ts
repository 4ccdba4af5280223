import { AuditAccessPage, RecordView, type Verification, VerifyLine } from '@micropay/schemas/api/audit'
import { PaymentReplay, ReplayPage } from '@micropay/schemas/api/replay'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { ProblemError } from '../../api/problem.ts'
import type { AccessSearch } from './access-search.ts'

/** History does not change, and each look at it is written down: what was read once is kept. */
const kept = { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false } as const

/** Steps of an account that few payments concern lie far apart in the log, and all between them is read for a page. */
export const REPLAY_PAGE = 20

/**
 * An account's history from a step on, oldest first. Its end is only the end so far, and goes stale; a replay that was
 * not read to its end does not.
 */
export function replayQuery(client: Client, accountId: string, from: number) {
  const path = `/v1/audit/accounts/${encodeURIComponent(accountId)}/replay`
  return infiniteQueryOptions({
    queryKey: ['audit', 'replay', accountId, from] as const,
    queryFn: ({ pageParam, signal }) => {
      const begin = pageParam === undefined && from > 1 ? from : undefined
      return client.read(pathWith(path, { limit: REPLAY_PAGE, from: begin, cursor: pageParam }), ReplayPage, signal)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
    ...kept,
    staleTime: ({ state }) => (state.data?.pages.at(-1)?.value.next === null ? 0 : Number.POSITIVE_INFINITY),
  })
}

/** What stands at a position, such as `0:1842`. */
export function recordQuery(client: Client, position: string) {
  const [partition = '', seq = ''] = position.split(':').map(encodeURIComponent)
  return queryOptions({
    queryKey: ['audit', 'record', position] as const,
    queryFn: ({ signal }) => client.read(`/v1/audit/records/${partition}/${seq}`, RecordView, signal),
    ...kept,
  })
}

/** A payment through all its steps. It goes on while it is under way. */
export function paymentStepsQuery(client: Client, paymentId: string) {
  return queryOptions({
    queryKey: ['audit', 'payment', paymentId] as const,
    queryFn: ({ signal }) =>
      client.read(`/v1/audit/payments/${encodeURIComponent(paymentId)}/steps`, PaymentReplay, signal),
    ...kept,
    staleTime: ({ state }) => (state.data?.value.state === 'ended' ? Number.POSITIVE_INFINITY : 0),
  })
}

/** Who audited what, newest first. */
export function accessesQuery(client: Client, search: AccessSearch) {
  return infiniteQueryOptions({
    queryKey: ['audit', 'accesses', search] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith('/v1/audit/accesses', { ...search, limit: 50, cursor: pageParam }), AuditAccessPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function accessesCsvPath(search: AccessSearch): string {
  return pathWith('/v1/audit/accesses', { ...search, format: 'csv' })
}

type Line = z.infer<typeof VerifyLine>
export type Verified = Extract<Line, { result: unknown }>['result']
export type { Verification }

/** Folds a partition on the server, telling how far it is; answers what it found. */
export async function verifyPartition(
  client: Client,
  partition: number,
  onProgress: (progress: { readonly records: number; readonly of: number }) => void,
  signal: AbortSignal,
): Promise<Verified> {
  for await (const line of client.lines(`/v1/audit/partitions/${partition}/verify`, VerifyLine, signal)) {
    if ('result' in line) return line.result
    if ('failed' in line) throw brokenOff(line.failed.detail)
    onProgress(line.progress)
  }
  throw brokenOff('The answer broke off before the log was read to its end. Verify again.')
}

function brokenOff(detail: string): ProblemError {
  const title = 'The verification was not finished'
  return new ProblemError({ type: 'about:blank', title, status: 0, code: 'verification_broken_off', detail })
}
