import { type RawBuilder, sql } from 'kysely'

type Columns = {
  /** Of the entry alone. */
  readonly own: readonly string[]
  /** That the payment tells where the entry does not. */
  readonly told: readonly string[]
}

/**
 * Entries with all that is told of their payments, as a row source of these columns and `counterparty`: of one across
 * partitions its coordinator's record (`across`) says it, once that was read.
 */
export function wholeEntries(
  entries: RawBuilder<unknown>,
  across: RawBuilder<unknown>,
  { own, told }: Columns,
): RawBuilder<unknown> {
  const columns = [
    ...own.map((column) => sql`listed.${sql.id(column)}`),
    ...told.map((column) => sql`coalesce(listed.${sql.id(column)}, across.${sql.id(column)}) as ${sql.id(column)}`),
  ]
  return sql`(
    select ${sql.join(columns)}, coalesce(listed.counterparty, against.other) as counterparty
    from ${entries} as listed
    left join ${across} as across on listed.nth is not null and across.payment_id = listed.payment_id
    left join lateral (
      select leg->>'other' as other from jsonb_array_elements(across.legs) with ordinality as each(leg, place)
      where leg->>'account' = listed.account_id order by place offset coalesce(listed.nth, 0) limit 1
    ) as against on true)`
}
