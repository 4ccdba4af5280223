import { Reconciliation, ReconciliationPage } from '@micropay/schemas/reconciliation'
import { StatementAccepted } from '@micropay/schemas/statement'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from './client.ts'
import { pathWith } from './path.ts'

export const reconciliationsKey = ['reconciliations'] as const

export function reconciliationsQuery(client: Client) {
  return infiniteQueryOptions({
    queryKey: [...reconciliationsKey, 'list'] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith('/v1/reconciliations', { limit: 20, cursor: pageParam }), ReconciliationPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function reconciliationPath(statementId: string): string {
  return `/v1/reconciliations/${encodeURIComponent(statementId)}`
}

export function reconciliationQuery(client: Client, account: string, statementId: string) {
  return queryOptions({
    queryKey: [...reconciliationsKey, account, statementId] as const,
    queryFn: ({ signal }) =>
      client.read(pathWith(reconciliationPath(statementId), { account }), Reconciliation, signal),
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
