import { Reconciliation, ReconciliationPage } from '@micropay/schemas/api/reconciliation'
import { StatementAccepted, StatementWithdrawalDecided } from '@micropay/schemas/api/statement'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import type { ReconcileSearch } from './finance-search.ts'

export const reconciliationsKey = ['reconciliations'] as const

type ListFilter = Omit<ReconcileSearch, 'sort'>
const LIST_PATH = '/v1/reconciliations'

export function reconciliationsQuery(client: Client, filter: ListFilter) {
  return infiniteQueryOptions({
    queryKey: [...reconciliationsKey, 'list', filter] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith(LIST_PATH, { ...filter, limit: 50, cursor: pageParam }), ReconciliationPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

/** The newest of those that were withdrawn, to see what would be withdrawn again. */
export function withdrawnQuery(client: Client) {
  return queryOptions({
    queryKey: [...reconciliationsKey, 'withdrawn'] as const,
    queryFn: ({ signal }) =>
      client.read(pathWith(LIST_PATH, { withdrawn: 'true', limit: 50 }), ReconciliationPage, signal),
  })
}

export function reconciliationsCsvPath(filter: ListFilter): string {
  return pathWith(LIST_PATH, { ...filter, format: 'csv' })
}

export function reconciliationPath(statementId: string): string {
  return `${LIST_PATH}/${encodeURIComponent(statementId)}`
}

type OneStatement = {
  readonly account: string | undefined
  readonly position: string | undefined
  readonly zone: string | undefined
  readonly statementId: string
}

export function reconciliationQuery(client: Client, { account, position, zone, statementId }: OneStatement) {
  return queryOptions({
    queryKey: [...reconciliationsKey, account, statementId, position, zone] as const,
    queryFn: ({ signal }) =>
      client.read(pathWith(reconciliationPath(statementId), { account, position, zone }), Reconciliation, signal),
  })
}

export type ImportRequest = { readonly account: string; readonly xml: Blob }

export function importStatement(
  client: Client,
  { account, xml }: ImportRequest,
  key: string,
): Promise<Decided<StatementAccepted>> {
  const path = pathWith('/v1/statements', { account })
  return client.command({ path, xml, idempotencyKey: key, schema: StatementAccepted })
}

/** The statement as it was looked at. */
export type WithdrawRequest = {
  readonly account: string
  readonly statementId: string
  readonly position: string
  readonly reason: string
}

export function withdrawStatement(
  client: Client,
  { statementId, ...body }: WithdrawRequest,
  key: string,
): Promise<Decided<StatementWithdrawalDecided>> {
  const path = `/v1/statements/${encodeURIComponent(statementId)}/withdraw`
  return client.command({ path, body, idempotencyKey: key, schema: StatementWithdrawalDecided })
}
