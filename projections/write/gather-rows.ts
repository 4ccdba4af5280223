import assert from 'node:assert/strict'
import type { ClientBase } from 'pg'
import type { Parameter } from '../projection.ts'
import type { ArrayElement } from './array-literal.ts'
import { insertRows, listOf } from './insert-rows.ts'
import { createRowBuffer } from './row-buffer.ts'
import { keyOf, type Row } from './row-key.ts'
import { statementOf } from './statement.ts'
import type { Table } from './table.ts'

/** Gathers what batches write to one table of a version, as the table's declaration says, until it is written once. */
export function gatherRows(table: Table, schema: string): GatheredRows {
  const { write } = table
  if (write === 'insert') return gatherInserts(table, schema)
  if ('set' in write) return gatherUpserts(table, schema, write.by, latestRows(write.by), setTo(write.set))
  if ('add' in write) return gatherUpserts(table, schema, write.by, summedRows(write.by, write.add), addTo(write.add))
  return gatherEdits(table, schema, write.edit, write.by)
}

export type GatheredRows = {
  add(rows: readonly Row[]): void
  /** Whether `part` can take them. */
  isFew(): boolean
  /** All that was added, within the caller's transaction. */
  write(client: ClientBase): Promise<void>
  /**
   * The same as a part of one statement, whose text is the same for any rows; undefined for a table that never is one.
   */
  part(parameter: Parameter): string | undefined
}

function gatherInserts(table: Table, schema: string): GatheredRows {
  const buffer = createRowBuffer<Row>(table.types)
  const target = `${schema}.${table.name}`
  return {
    add: buffer.add,
    isFew: buffer.isFew,
    write: (client) => buffer.copyInto(client, target),
    part: (parameter) => buffer.insertInto(target, parameter),
  }
}

type KeyedRows = { add(rows: readonly Row[]): void; all(): readonly Row[] }

/** Of each row the last that was said. */
function latestRows(by: readonly string[]): KeyedRows {
  const rows = new Map<string, Row>()
  const key = keyOf(by)
  return {
    add(added) {
      for (const row of added) rows.set(key(row), row)
    },
    all: () => [...rows.values()],
  }
}

/**
 * Summands of one row added up. They are found by the first column of the key among those that share all others:
 * summands that follow each other mostly do, and then no key is made.
 */
function summedRows([first, ...others]: readonly string[], columns: readonly string[]): KeyedRows {
  assert(first !== undefined, 'a key has columns')
  const groups = new Map<string, Map<ArrayElement, Sum>>()
  const groupKey = others.length === 0 ? () => '' : keyOf(others)
  let last: Row = {}
  let group: Map<ArrayElement, Sum> | undefined
  return {
    add(added) {
      for (const row of added) {
        if (!group || differs(last, row, others)) {
          const key = groupKey(row)
          group = groups.get(key)
          if (!group) {
            group = new Map()
            groups.set(key, group)
          }
        }
        last = row
        const sum = group.get(row[first])
        if (sum) for (const column of columns) sum[column] = sumOf(sum[column], row[column])
        else group.set(row[first], { ...row })
      }
    },
    all: () => [...groups.values()].flatMap((sums) => [...sums.values()]),
  }
}

type Sum = { [column: string]: ArrayElement }

function differs(one: Row, other: Row, columns: readonly string[]): boolean {
  for (const column of columns) if (one[column] !== other[column]) return true
  return false
}

function sumOf(one: ArrayElement, other: ArrayElement): bigint {
  assert(typeof one === 'bigint' && typeof other === 'bigint', 'whole numbers are added up')
  return one + other
}

function gatherUpserts(
  table: Table,
  schema: string,
  by: readonly string[],
  rows: KeyedRows,
  set: readonly string[],
): GatheredRows {
  const upsert = (all: readonly Row[], parameter: Parameter) => `
    ${insertRows(`${schema}.${table.name} as held`, table.types, all, parameter)}
    on conflict (${listOf(by)}) do update set ${set.join(', ')}`
  return {
    add: rows.add,
    isFew: () => true,
    async write(client) {
      const all = rows.all()
      if (all.length === 0) return
      await client.query(statementOf(`write-${schema}.${table.name}`, (parameter) => upsert(all, parameter)))
    },
    part: (parameter) => upsert(rows.all(), parameter),
  }
}

function setTo(columns: readonly string[]): string[] {
  return columns.map((column) => `"${column}" = excluded."${column}"`)
}

function addTo(columns: readonly string[]): string[] {
  return columns.map((column) => `"${column}" = held."${column}" + excluded."${column}"`)
}

function gatherEdits(table: Table, schema: string, set: readonly string[], by: readonly string[]): GatheredRows {
  const edits: Row[] = []
  const target = `${schema}.${table.name}`
  const columns = Object.keys(table.columns)
  const marks = columns.map((_, index) => `$${index + 1}`)
  const save = `insert into ${target} (${listOf(columns)}) values (${marks.join(', ')})
    on conflict (${listOf(by)}) do update set ${setTo(set).join(', ')}`
  const remove = `delete from ${target} where ${by.map((column, index) => `"${column}" = $${index + 1}`).join(' and ')}`
  return {
    add: (rows) => void edits.push(...rows),
    isFew: () => edits.length === 0,
    async write(client) {
      for (const edit of edits) {
        const [statement, of] = edit.change === 'removed' ? [remove, by] : [save, columns]
        await client.query(
          statement,
          of.map((column) => edit[column]),
        )
      }
    },
    part: () => undefined,
  }
}
