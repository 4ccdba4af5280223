import type { z } from 'zod'

type Days = { readonly from?: string | undefined; readonly to?: string | undefined }
type Amounts = { readonly minAmount?: string | undefined; readonly maxAmount?: string | undefined }

/** What stands at the fields of a range the wrong way round. */
export const daysOrder = 'The last day must not be before the first.'
export const amountsOrder = 'At most must not be less than at least.'

export function areDaysInOrder({ from, to }: Days): boolean {
  return from === undefined || to === undefined || from <= to
}

/** Amounts are minor units. */
export function areAmountsInOrder({ minAmount, maxAmount }: Amounts): boolean {
  return minAmount === undefined || maxAmount === undefined || BigInt(minAmount) <= BigInt(maxAmount)
}

/** A search without the ends that come before their beginnings, which the server would refuse as a whole. */
export function withRangesInOrder<Search extends Days & Amounts>(search: Search): Search {
  return {
    ...search,
    ...(areDaysInOrder(search) ? {} : { to: undefined }),
    ...(areAmountsInOrder(search) ? {} : { maxAmount: undefined }),
  }
}

/** A search whose ranges are never the wrong way round. */
export const inOrder =
  <Search extends Days & Amounts>(schema: z.ZodType<Search>) =>
  (raw: Record<string, unknown>): Search =>
    withRangesInOrder(schema.parse(raw))
