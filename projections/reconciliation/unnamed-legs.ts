import type { AccountType } from '@micropay/schemas/account-type'
import { exactText, instant, int4, numeric, orNull, text } from '../write/columns.ts'
import { table, type WrittenTo } from '../write/table.ts'

/**
 * Entries of payments across partitions that sums count under no name, each a row, since nobody has looked yet whether
 * the coordinator's record was read, which alone knows the names. Whoever reads sums by name looks here, too. Of a
 * payment whose beginning is lost they stay.
 */
export const unnamedLegs = table(
  'unnamed_leg',
  {
    partition: int4(),
    payment_id: exactText(),
    account_id: exactText(),
    tenant: exactText(),
    type: text<AccountType>(),
    currency: text(),
    quarter: instant(),
    in_minor: numeric(),
    out_minor: numeric(),
    /** Null but while the sums are changed. */
    operation: orNull(exactText()),
    purpose: orNull(exactText()),
  },
  {
    write: 'insert',
    indexesAfterLoading: { unnamed_leg_place: ['partition'] },
    workedOut: (schema) => `
      select entry.partition, payment_id, account_id, tenant, type, entry.currency,
        date_bin('15 minutes', effective_at, 'epoch'), greatest(amount_minor, 0), -least(amount_minor, 0), null, null
      from ${schema}.ledger_entry as entry
      join (select tenant, account_id, type from ${schema}.ledger_account) as account using (tenant, account_id)
      where nth is not null
        and not exists (select from ${schema}.across_payment as across where across.payment_id = entry.payment_id)`,
  },
)

export type NewUnnamedLeg = WrittenTo<typeof unnamedLegs>

/**
 * So many rows of a partition are left to whoever reads by name: few to add up, and enough to change the sums of all of
 * them at once.
 */
const MOST_UNNAMED = 1_000

export const namingOfLegs = { of: 'unnamedLegs', after: MOST_UNNAMED, statements: nameLegs } as const

/**
 * Counts the legs of a partition under the names of their payments, of those that were read by now: which these are is
 * looked for once, since others may be read meanwhile. Only this partition's writer touches any of these rows.
 */
function nameLegs(schema: string, partition: number): string {
  const legs = `${schema}.unnamed_leg`
  const isNamed = `leg.partition = ${partition} and leg.operation is not null`
  const counted = `(
    select account_id, tenant, type, currency, quarter, leg.partition, named.operation, named.purpose,
      times * in_minor as in_minor, times * out_minor as out_minor, times as entries
    from ${legs} as leg
    cross join lateral (values (1, leg.operation, leg.purpose), (-1, '', '')) as named(times, operation, purpose)
    where leg.partition = ${partition} and (leg.operation <> '' or leg.purpose <> '')
  ) as counted`
  const count = (table: string, columns: string, by: string) => `
    insert into ${schema}.${table} as held (${columns}, in_minor, out_minor, entries)
      select ${columns}, sum(in_minor), sum(out_minor), sum(entries) from ${counted} group by ${columns}
      on conflict (${by}) do update set in_minor = held.in_minor + excluded.in_minor,
        out_minor = held.out_minor + excluded.out_minor, entries = held.entries + excluded.entries;
    delete from ${schema}.${table} as held using ${legs} as leg
      where ${isNamed} and held.entries = 0 and held.operation = '' and held.purpose = ''
        and held.tenant = leg.tenant and held.quarter = leg.quarter`
  const ofAccount = 'account_id, tenant, quarter, operation, purpose'
  const ofType = 'tenant, quarter, partition, type, currency, operation, purpose'
  return `
    update ${legs} as leg set operation = across.operation, purpose = across.purpose
      from ${schema}.across_payment as across where leg.partition = ${partition} and across.payment_id = leg.payment_id;
    ${count('movement', `${ofAccount}, currency`, ofAccount)} and held.account_id = leg.account_id;
    ${count('quarter_total', ofType, ofType)}
        and held.partition = leg.partition and held.type = leg.type and held.currency = leg.currency;
    delete from ${legs} as leg where ${isNamed}`
}
