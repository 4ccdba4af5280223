import type { ClientBase } from 'pg'
import type { Parameter } from '../projection.ts'
import { type InsertColumns, insertRows, type RowOf } from '../write/insert-rows.ts'
import { statementOf } from '../write/statement.ts'
import type { Sums } from './sums.ts'
import type { NewAccountMonth, NewMovement, NewQuarterTotal } from './tables.ts'

/** Adds a batch's sums to what the rows hold, one statement a table. */
export async function writeSums(client: ClientBase, schema: string, sums: Sums): Promise<void> {
  for (const { name, isEmpty, upsert } of tablesOf(schema, sums)) {
    if (!isEmpty) await client.query(statementOf(`add-to-${name}-${schema}`, upsert))
  }
}

/** The same as parts of one statement. */
export function sumsUpserts(schema: string, sums: Sums, parameter: Parameter): string[] {
  return tablesOf(schema, sums).map(({ upsert }) => upsert(parameter))
}

function tablesOf(schema: string, sums: Sums) {
  const groups = [...sums.groups.values()]
  const movements = groups.flatMap((group) => [...group.movements.values()])
  const months = [...sums.months.values()].flatMap((ofMonth) => [...ofMonth.values()])
  const totals = groups.flatMap((group) => [...group.totals.values()])
  return [
    upsertOf(schema, movement, movements),
    upsertOf(schema, accountMonth, months),
    upsertOf(schema, quarterTotal, totals),
  ]
}

type SumTable<Row> = {
  readonly name: string
  readonly columns: InsertColumns<Row>
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
    ...sumColumns,
  },
  key: ['account_id', 'quarter', 'operation', 'purpose'],
}
const accountMonth: SumTable<NewAccountMonth> = {
  name: 'account_month',
  columns: { tenant: 'text', month: 'timestamptz', account_id: 'text', ...sumColumns },
  key: ['tenant', 'month', 'account_id'],
}
const quarterTotal: SumTable<NewQuarterTotal> = {
  name: 'quarter_total',
  columns: {
    tenant: 'text',
    quarter: 'timestamptz',
    partition: 'int4',
    type: 'text',
    currency: 'text',
    operation: 'text',
    purpose: 'text',
    ...sumColumns,
  },
  key: ['tenant', 'quarter', 'partition', 'type', 'currency', 'operation', 'purpose'],
}

function upsertOf<Row extends RowOf<Row>>(schema: string, table: SumTable<Row>, rows: readonly Row[]) {
  return {
    name: table.name,
    isEmpty: rows.length === 0,
    upsert: (parameter: Parameter) => `
      ${insertRows(`${schema}.${table.name} as held`, table.columns, rows, parameter)}
      on conflict (${table.key.join(', ')}) do update set in_minor = held.in_minor + excluded.in_minor,
        out_minor = held.out_minor + excluded.out_minor, entries = held.entries + excluded.entries`,
  }
}
