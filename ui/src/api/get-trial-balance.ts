import { ChartOfAccounts, LedgerEntryPage, TrialBalance } from '@micropay/schemas/reconciliation'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from './client.ts'
import { pathWith } from './path.ts'

/** As of when, and of what: it lives in the URL of the pages of finance. */
export const BalanceSearch = z.object({
  day: z.iso.date().optional().catch(undefined),
  position: z
    .string()
    .regex(/^[0-9]+:[0-9]+(,[0-9]+:[0-9]+)*$/)
    .optional()
    .catch(undefined),
  zone: z.string().min(1).max(64).optional().catch(undefined),
  currency: z.string().length(3).optional().catch(undefined),
  path: z.string().min(1).max(120).optional().catch(undefined),
})
export type BalanceSearch = z.infer<typeof BalanceSearch>

export function trialBalanceQuery(client: Client, search: BalanceSearch) {
  return infiniteQueryOptions({
    queryKey: ['trial-balance', search] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith('/v1/trial-balance', { ...search, limit: 100, cursor: pageParam }), TrialBalance, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function chartQuery(client: Client, search: BalanceSearch) {
  return queryOptions({
    queryKey: ['chart-of-accounts', search] as const,
    queryFn: ({ signal }) => client.read(pathWith('/v1/chart-of-accounts', search), ChartOfAccounts, signal),
  })
}

/** The entries behind an account's figure; currency and path do not narrow them. */
export function figureEntriesQuery(client: Client, accountId: string, { day, position, zone }: BalanceSearch) {
  const path = figureEntriesPath(accountId)
  return infiniteQueryOptions({
    queryKey: ['figure-entries', accountId, day, position, zone] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith(path, { day, position, zone, limit: 50, cursor: pageParam }), LedgerEntryPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

export function figureEntriesPath(accountId: string): string {
  return `/v1/trial-balance/${encodeURIComponent(accountId)}/entries`
}
