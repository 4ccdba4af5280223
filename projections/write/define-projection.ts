import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Projection, ProjectionWriter, WriteChanges } from '../projection.ts'
import { gatherRows } from './gather-rows.ts'
import { createKnownRows, type KnownRows } from './known-rows.ts'
import { readRows } from './read-rows.ts'
import { keyOf, type Row } from './row-key.ts'
import type { Changes, Tables, WrittenTo } from './table.ts'
import { statementsAfterLoading, statementsOfTables } from './table-statements.ts'

/**
 * Makes a projection of its tables and its fold: their statements, and the writer of what the fold makes of each
 * batch.
 */
export function defineProjection<const Of extends Tables, Known extends keyof Of & string>(
  definition: Definition<Of, Known>,
): Projection {
  return projectionOf(definition)
}

function projectionOf(definition: AnyDefinition): Projection {
  const { service, name, version, digest, tables } = definition
  return {
    ...{ service, name, version, digest, channel: `${name}_changed` },
    async createTables(client, schema) {
      await client.query(statementsOfTables(tables, schema).join(';\n'))
    },
    indexes: (schema) => statementsAfterLoading(tables, schema),
    openWriter: (schema, partition, isLoading = false) => openWriter(definition, { schema, partition, isLoading }),
  }
}

export type Definition<Of extends Tables, Known extends keyof Of & string> = {
  readonly service: string
  readonly name: string
  /** Rises when the tables or the fold change; a worker whose code is newer than the live version rebuilds. */
  readonly version: number
  /** Of the statements that make the tables: a test holds the version to it. */
  readonly digest: string
  /** Those with most rows first: they are indexed in this order. */
  readonly tables: Of
  /**
   * The rows that the fold needs to know as they stand before a batch: of one table, by its primary key (row-key.ts),
   * whose columns are texts.
   */
  readonly known?: { readonly of: Known; keys(commits: readonly Commit[]): Iterable<string> }
  /**
   * Purely: the rows that a batch makes, each known row once, as it stands after the batch. Throws ProjectionError for
   * what cannot be.
   */
  fold(batch: FoldInput<WrittenTo<Of[Known]> & Row>): Changes<Of> & AnyChanges
  /** Accounts (row-key.ts) of which listeners are told that something changed, besides the known rows that did. */
  alsoChanged?(changes: Changes<Of> & AnyChanges): Iterable<string>
}

export type FoldInput<Known> = {
  readonly partition: number
  readonly commits: readonly Commit[]
  /** All of the batch in the log's order, those too that do not count. */
  readonly records: readonly FoldedRecord[]
  readonly known: ReadonlyMap<string, Known>
  /** While rows are loaded, those of a table that is worked out later are left out: none need be made. */
  readonly isLoading: boolean
}

/** A definition, whatever its tables. */
type AnyDefinition = {
  readonly service: string
  readonly name: string
  readonly version: number
  readonly digest: string
  readonly tables: Tables
  readonly known?: { readonly of: string; keys(commits: readonly Commit[]): Iterable<string> }
  fold(batch: FoldInput<Row>): AnyChanges
  alsoChanged?(changes: AnyChanges): Iterable<string>
}

type AnyChanges = Readonly<Record<string, readonly Row[]>>

type Place = { readonly schema: string; readonly partition: number; readonly isLoading: boolean }

function openWriter(definition: AnyDefinition, place: Place): ProjectionWriter {
  const { partition, isLoading } = place
  const known = knownRowsOf(definition, place.schema)
  let folded = nothingYet(definition, place)
  let writing: ReadonlySet<string> = new Set()
  return {
    async prepare(reader, commits) {
      if (known && definition.known) await known.rows.learn(reader, definition.known.keys(commits))
    },
    fold(commits, records) {
      const changes = definition.fold({ partition, commits, records, known: known?.rows.known ?? none, isLoading })
      for (const { name, rows } of folded.tables) rows.add(changes[name] ?? [])
      for (const id of definition.alsoChanged?.(changes) ?? []) folded.alsoChanged.add(id)
      if (!known) return
      const changed = changes[known.of] ?? []
      known.rows.change(changed)
      for (const row of changed) folded.changed.add(known.keyOf(row))
      known.rows.forgetOldest((key) => folded.changed.has(key) || writing.has(key))
    },
    take() {
      const taken = folded
      folded = nothingYet(definition, place)
      writing = taken.changed
      return changesOf(taken)
    },
  }
}

const none: ReadonlyMap<string, Row> = new Map()

/** What was folded and not written. */
type Folded = {
  readonly tables: readonly { readonly name: string; readonly rows: ReturnType<typeof gatherRows> }[]
  /** Whether all tables have the keys that single statements need. */
  readonly isWhole: boolean
  /** Keys of known rows. */
  readonly changed: Set<string>
  readonly alsoChanged: Set<string>
}

function nothingYet({ tables }: AnyDefinition, { schema, isLoading }: Place): Folded {
  const all = Object.entries(tables)
  const written = all.filter(([, { workedOut }]) => !(isLoading && workedOut))
  return {
    tables: written.map(([name, table]) => ({ name, rows: gatherRows(table, schema) })),
    isWhole: written.length === all.length,
    changed: new Set(),
    alsoChanged: new Set(),
  }
}

function changesOf({ tables, isWhole, changed, alsoChanged }: Folded): WriteChanges {
  const isLittle = isWhole && tables.every(({ rows }) => rows.isFew())
  return {
    changed: [...new Set([...changed, ...alsoChanged])],
    async write(client) {
      for (const { rows } of tables) await rows.write(client)
    },
    parts: isLittle ? (parameter) => tables.flatMap(({ rows }) => rows.part(parameter) ?? []) : undefined,
  }
}

type Known = { readonly of: string; readonly keyOf: (row: Row) => string; readonly rows: KnownRows<Row> }

function knownRowsOf({ known, tables }: AnyDefinition, schema: string): Known | undefined {
  const table = known && tables[known.of]
  if (!table) return undefined
  const { name, key: by = [], types } = table
  if (by.length === 0 || by.some((column) => types[column] !== 'text')) {
    throw new Error(`${name} is to be known by a key of texts`)
  }
  const key = keyOf(by)
  return {
    of: known.of,
    keyOf: key,
    rows: createKnownRows(key, (reader, keys) => readRows(reader, table, schema, by, keys)),
  }
}
