import type { ClientBase } from 'pg'
import { type ArrayElement, arrayLiteral } from '../follow/array-literal.ts'
import type { Parameter } from '../follow/projection.ts'
import { statementOf } from '../follow/statement.ts'
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

function upsertOf<Row extends Readonly<Record<keyof Row, ArrayElement>>>(
  schema: string,
  table: SumTable<Row>,
  rows: readonly Row[],
) {
  const types: Readonly<Record<string, string>> = { ...table.columns, ...sumColumns }
  const columns = Object.keys(types)
  const isColumn = (name: string): name is keyof Row & string => name in types
  const arrays = (parameter: Parameter) =>
    columns
      .filter(isColumn)
      .map((column) => `${parameter(arrayLiteral(rows.map((row) => row[column])))}::${types[column]}[]`)
  return {
    name: table.name,
    isEmpty: rows.length === 0,
    upsert: (parameter: Parameter) => `
      insert into ${schema}.${table.name} as held (${columns.join(', ')})
      select * from unnest(${arrays(parameter).join(', ')})
      on conflict (${table.key.join(', ')}) do update set in_minor = held.in_minor + excluded.in_minor,
        out_minor = held.out_minor + excluded.out_minor, entries = held.entries + excluded.entries`,
  }
}
