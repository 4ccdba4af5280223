import { AccountType } from '@micropay/schemas/account-type'
import { onePosition, parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import { askedDay } from '../../time/days.ts'
import { reportingZone } from '../../time/reporting-zone.ts'
import { sortKey } from '../search/sort-key.ts'

// What the pages of finance keep in their URLs; apart from what they ask, since the router has it loaded before any of
// them.

const currency = z.string().length(3).optional().catch(undefined)
/** A payment's own name for what it is for; empty: none. */
const named = z.string().max(100).optional().catch(undefined)
export const NamesSearch = z.object({ operation: named, purpose: named })
export type NamesSearch = z.infer<typeof NamesSearch>
const text = z.string().min(1).max(100).optional().catch(undefined)

/** What is wrong with a position that somebody typed. */
export function positionError(text: string): string | undefined {
  return parsePositions(text) === undefined ? positionWords : undefined
}
export const positionWords = 'A position looks like 0:1842, or 0:91,3:1842 for several partitions.'

/** As of when. */
export const AsOfSearch = z.object({
  day: askedDay,
  position: z
    .string()
    .refine((text) => parsePositions(text) !== undefined)
    .optional()
    .catch(undefined),
  zone: reportingZone,
})
export type AsOfSearch = z.infer<typeof AsOfSearch>

export const TrialBalanceSearch = AsOfSearch.extend({
  currency,
  path: z.string().min(1).max(120).optional().catch(undefined),
  text,
  sort: z.enum(['-account', 'path', '-path', 'debit', '-debit', 'credit', '-credit']).optional().catch(undefined),
})
export type TrialBalanceSearch = z.infer<typeof TrialBalanceSearch>

export const ChartSearch = AsOfSearch.extend({ currency })
export type ChartSearch = z.infer<typeof ChartSearch>

/** `from` is the first day of the entries; without it they go back to the beginning. */
export const FigureSearch = AsOfSearch.extend({
  from: askedDay,
  sort: z.enum(['value']).optional().catch(undefined),
  ...NamesSearch.shape,
})
export type FigureSearch = z.infer<typeof FigureSearch>

export const TotalsBy = z.enum(['none', 'account', 'operation', 'purpose'])
export type TotalsBy = z.infer<typeof TotalsBy>

/** Which days are added up, and by what. */
export const DailySearch = z.object({
  from: askedDay,
  to: askedDay,
  by: TotalsBy.optional().catch(undefined),
  zone: reportingZone,
  currency,
  account: z.string().min(1).max(64).optional().catch(undefined),
  type: AccountType.optional().catch(undefined),
  ...NamesSearch.shape,
})
export type DailySearch = z.infer<typeof DailySearch>

/** Which statements are listed, and whose days a date is matched in. */
export const ReconcileSearch = z.object({
  account: z.string().min(1).optional().catch(undefined),
  /** Those that were withdrawn, instead of those that stand. */
  withdrawn: z.enum(['true']).optional().catch(undefined),
  zone: reportingZone,
  sort: sortKey,
})
export type ReconcileSearch = z.infer<typeof ReconcileSearch>

export const StatementSearch = z.object({
  /** Where it was imported: several statements of an account may have one id. */
  position: onePosition.optional().catch(undefined),
  account: z.string().min(1).optional().catch(undefined),
  zone: reportingZone,
  text,
  sort: sortKey,
})
export type StatementSearch = z.infer<typeof StatementSearch>

/** The last day of the period that is about to be closed. */
export const CloseSearch = z.object({ through: askedDay })
export type CloseSearch = z.infer<typeof CloseSearch>
