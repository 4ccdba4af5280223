import { ChartOfAccounts, LedgerEntryPage, TrialBalance } from '@micropay/schemas/api/reconciliation'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import type { ChartSearch, FigureSearch, TrialBalanceSearch } from './finance-search.ts'

export function trialBalanceQuery(client: Client, search: TrialBalanceSearch) {
  return infiniteQueryOptions({
    queryKey: ['trial-balance', search] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith('/v1/trial-balance', { ...search, limit: 100, cursor: pageParam }), TrialBalance, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function chartQuery(client: Client, search: ChartSearch) {
  return queryOptions({
    queryKey: ['chart-of-accounts', search] as const,
    queryFn: ({ signal }) => client.read(pathWith('/v1/chart-of-accounts', search), ChartOfAccounts, signal),
  })
}

/** The entries behind an account's figure. */
export function figureEntriesQuery(client: Client, accountId: string, search: FigureSearch) {
  const path = figureEntriesPath(accountId)
  return infiniteQueryOptions({
    queryKey: ['figure-entries', accountId, search] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith(path, { ...search, limit: 50, cursor: pageParam }), LedgerEntryPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function figureEntriesCsvPath(accountId: string, search: FigureSearch): string {
  return pathWith(figureEntriesPath(accountId), { ...search, format: 'csv' })
}

function figureEntriesPath(accountId: string): string {
  return `/v1/trial-balance/${encodeURIComponent(accountId)}/entries`
}
