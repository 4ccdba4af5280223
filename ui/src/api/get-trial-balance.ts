import { ChartOfAccounts, LedgerEntryPage, TrialBalance } from '@micropay/schemas/reconciliation'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from './client.ts'
import { pathWith } from './path.ts'
import { reportingZone } from './reporting-zone.ts'

const day = z.iso.date().optional().catch(undefined)
const currency = z.string().length(3).optional().catch(undefined)

/** As of when: it lives in the URL of the pages of finance. */
export const AsOfSearch = z.object({
  day,
  position: z
    .string()
    .regex(/^[0-9]+:[0-9]+(,[0-9]+:[0-9]+)*$/)
    .optional()
    .catch(undefined),
  zone: reportingZone,
})
export type AsOfSearch = z.infer<typeof AsOfSearch>

export const TrialBalanceSearch = AsOfSearch.extend({
  currency,
  path: z.string().min(1).max(120).optional().catch(undefined),
  text: z.string().min(1).max(100).optional().catch(undefined),
  sort: z.enum(['-account', 'path', '-path', 'debit', '-debit', 'credit', '-credit']).optional().catch(undefined),
})
export type TrialBalanceSearch = z.infer<typeof TrialBalanceSearch>

export const ChartSearch = AsOfSearch.extend({ currency })
export type ChartSearch = z.infer<typeof ChartSearch>

/** `from` is the first day of the entries; without it they go back to the beginning. */
export const FigureSearch = AsOfSearch.extend({ from: day, sort: z.enum(['value']).optional().catch(undefined) })
export type FigureSearch = z.infer<typeof FigureSearch>

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

export function figureEntriesPath(accountId: string): string {
  return `/v1/trial-balance/${encodeURIComponent(accountId)}/entries`
}
