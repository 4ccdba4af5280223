import { type Bounds, Day, dayBounds, TimeZone } from '@micropay/schemas/days'
import { PayableId } from '@micropay/schemas/identifiers'
import { AmountMinor } from '@micropay/schemas/money'
import { soughtLabel } from '@micropay/schemas/text'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'

/**
 * What lists of payments and of entries can be narrowed by. Texts are matched as they are: no character stands for
 * others.
 */
const searchFields = {
  from: Day.optional().meta({ description: 'The first value date, in `zone`.' }),
  to: Day.optional().meta({ description: 'The last value date, in `zone`.' }),
  zone: TimeZone,
  minAmount: AmountMinor.optional(),
  maxAmount: AmountMinor.optional(),
  counterparty: soughtLabel(100)
    .optional()
    .meta({ description: 'The id of the account on the other side, or a part of its name.' }),
  reference: soughtLabel(140).optional().meta({ description: 'The whole reference.' }),
  text: soughtLabel(100).optional().meta({ description: 'A part of the reference or of the description.' }),
  direction: z.enum(['in', 'out']).optional(),
  sort: z
    .enum(['-decided', 'decided', '-value', 'value'])
    .optional()
    .meta({ description: 'By when the ledger decided or by value date; with a minus the newest first.' }),
}
export const EntriesFilter = z.strictObject(searchFields)
export const PaymentsFilter = z.strictObject({
  account: PayableId.optional(),
  status: z.enum(['pending', 'posted', 'rejected']).optional(),
  ...searchFields,
})
export type EntriesFilter = z.infer<typeof EntriesFilter>
export type PaymentsFilter = z.infer<typeof PaymentsFilter>

/** Ranges that end before they begin are mistakes, not empty answers. */
export function rangesAreOrdered(filter: {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly minAmount?: string | undefined
  readonly maxAmount?: string | undefined
}): boolean {
  const { from, to, minAmount, maxAmount } = filter
  if (from !== undefined && to !== undefined && from > to) return false
  return minAmount === undefined || maxAmount === undefined || BigInt(minAmount) <= BigInt(maxAmount)
}

export const rangesMustBeOrdered = {
  error: 'a range must not end before it begins: see from, to, minAmount, maxAmount',
}

/**
 * No index has a range of value dates in the order of deciding, so that such a list would have to be sorted as a whole.
 */
export function sortFitsRange({ from, to, sort }: Pick<EntriesFilter, 'from' | 'to' | 'sort'>): boolean {
  return (from === undefined && to === undefined) || !(sort === 'decided' || sort === '-decided')
}

export const sortMustFitRange = {
  path: ['sort'],
  error: 'days are value dates: with from or to a list is sorted by value or -value',
}

/**
 * A list that asks for value dates is ordered by them, any other by when the ledger decided: each by an index of its
 * own.
 */
export function orderOf({ sort, ...filter }: EntriesFilter): Order {
  const bounds = dayBounds(filter)
  const inRange = filter.from !== undefined || filter.to !== undefined
  const oldestFirst = sort === 'decided' || sort === 'value'
  return { ...bounds, byValueDate: inRange || sort === 'value' || sort === '-value', oldestFirst }
}

export type Order = Bounds & { readonly byValueDate: boolean; readonly oldestFirst: boolean }

/** An order by columns that the same index holds, from either end of it. */
export function inOrder(columns: readonly RawBuilder<unknown>[], { oldestFirst }: Order): RawBuilder<unknown> {
  const direction = oldestFirst ? sql`asc` : sql`desc`
  return sql`order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))}`
}

/** What lies behind a place in that order. */
export function behind({ oldestFirst }: Order): RawBuilder<unknown> {
  return oldestFirst ? sql`>` : sql`<`
}
