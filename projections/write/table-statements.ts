import type { Index, Table, Tables } from './table.ts'

/** What makes empty tables, and the indexes that are there while they are loaded. */
export function statementsOfTables(tables: Tables, schema: string): string[] {
  return Object.values(tables).flatMap((table) => [
    createTable(table, schema),
    ...indexStatements(table, schema, table.indexes),
  ])
}

/**
 * What stands once the tables are loaded, in statements that may be run at once: first the rows that are worked out
 * from others with their indexes, all in one, since each waits for what is before it and they take longest; then every
 * other index.
 */
export function statementsAfterLoading(tables: Tables, schema: string): string[] {
  const indexesOf = (table: Table) => indexStatements(table, schema, table.indexesAfterLoading)
  const all = Object.values(tables)
  const workedOut = all.flatMap((table) => (table.workedOut ? [insertSelect(table, schema), ...indexesOf(table)] : []))
  const others = all.filter((table) => !table.workedOut).flatMap(indexesOf)
  return workedOut.length === 0 ? others : [workedOut.join(';\n'), ...others]
}

function createTable({ name, columns, key, fillfactor }: Table, schema: string): string {
  const [only] = key?.length === 1 ? key : []
  const lines = Object.entries(columns).map(
    ([column, { sql, isNull }]) => `${column} ${sql}${column === only ? ' primary key' : isNull ? '' : ' not null'}`,
  )
  if (key && only === undefined) lines.push(`primary key (${key.join(', ')})`)
  const room = fillfactor === undefined ? '' : ` with (fillfactor = ${fillfactor})`
  return `create table ${schema}.${name} (\n  ${lines.join(',\n  ')}\n)${room}`
}

function indexStatements(
  table: Table,
  schema: string,
  indexes: Readonly<Record<string, Index<string>>> = {},
): string[] {
  return Object.entries(indexes).map(([name, index]) => {
    const { on, unique, include, where } = 'on' in index ? index : { on: index }
    const kind = unique ? 'unique index' : 'index'
    const leaves = include ? ` include (${include.join(', ')})` : ''
    const some = where === undefined ? '' : ` where ${where}`
    return `create ${kind} ${name} on ${schema}.${table.name} (${on.join(', ')})${leaves}${some}`
  })
}

function insertSelect({ name, columns, workedOut }: Table, schema: string): string {
  return `insert into ${schema}.${name} (${Object.keys(columns).join(', ')})\n  ${workedOut?.(schema)}`
}
