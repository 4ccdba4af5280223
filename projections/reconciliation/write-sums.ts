import type { ClientBase } from 'pg'
import { type ArrayElement, arrayLiteral } from '../follow/array-literal.ts'
import type { Sums } from './sums.ts'
import type { NewAccountMonth, NewMovement, NewQuarterTotal } from './tables.ts'

/** Adds a batch's sums to what the rows hold, one statement a table. */
export async function writeSums(client: ClientBase, schema: string, sums: Sums): Promise<void> {
  const groups = [...sums.groups.values()]
  await addTo(
    client,
    schema,
    movement,
    groups.flatMap(({ movements }) => [...movements.values()]),
  )
  await addTo(
    client,
    schema,
    accountMonth,
    [...sums.months.values()].flatMap((months) => [...months.values()]),
  )
  await addTo(
    client,
    schema,
    quarterTotal,
    groups.flatMap(({ totals }) => [...totals.values()]),
  )
}

type SumTable<Row> = {
  readonly name: string
  /** The columns beside the sums, with their types. */
  readonly columns: { readonly [Column in Exclude<keyof Row, keyof typeof sumColumns>]: string }
  readonly key: readonly (keyof Row & string)[]
}

const sumColumns = { in_minor: 'numeric', out_minor: 'numeric', entries: 'int8' } as const

const movement: SumTable<NewMovement> = {
  name: 'movement',
  columns: {
    account_id: 'text',
    quarter: 'timestamptz',
    operation: 'text',
    purpose: 'text',
    tenant: 'text',
    currency: 'text',
  },
  key: ['account_id', 'quarter', 'operation', 'purpose'],
}
const accountMonth: SumTable<NewAccountMonth> = {
  name: 'account_month',
  columns: { tenant: 'text', month: 'timestamptz', account_id: 'text' },
  key: ['tenant', 'month', 'account_id'],
}
const quarterTotal: SumTable<NewQuarterTotal> = {
  name: 'quarter_total',
  columns: {
    tenant: 'text',
    quarter: 'timestamptz',
    partition: 'int',
    type: 'text',
    currency: 'text',
    operation: 'text',
    purpose: 'text',
  },
  key: ['tenant', 'quarter', 'partition', 'type', 'currency', 'operation', 'purpose'],
}

async function addTo<Row extends Readonly<Record<keyof Row, ArrayElement>>>(
  client: ClientBase,
  schema: string,
  table: SumTable<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const types: Readonly<Record<string, string>> = { ...table.columns, ...sumColumns }
  const columns = Object.keys(types)
  const isColumn = (name: string): name is keyof Row & string => name in types
  await client.query({
    name: `add-to-${table.name}-${schema}`,
    text: `
      insert into ${schema}.${table.name} as held (${columns.join(', ')})
      select * from unnest(${columns.map((column, index) => `$${index + 1}::${types[column]}[]`).join(', ')})
      on conflict (${table.key.join(', ')}) do update set in_minor = held.in_minor + excluded.in_minor,
        out_minor = held.out_minor + excluded.out_minor, entries = held.entries + excluded.entries`,
    values: columns.filter(isColumn).map((column) => arrayLiteral(rows.map((row) => row[column]))),
  })
}
