import type { FoldedRecord } from '@micropay/event-log/fold-batch'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Projection, ProjectionWriter, Queryable, WriteChanges } from '../projection.ts'
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
   * The rows that the fold needs to know as they stand before a batch: of each of these tables, by its primary key
   * (row-key.ts), whose columns are texts.
   */
  readonly known?: { readonly [Each in Known]: (commits: readonly Commit[]) => Iterable<string> }
  /**
   * Purely: the rows that a batch makes, each known row once, as it stands after the batch. Throws ProjectionError for
   * what cannot be.
   */
  fold(batch: FoldInput<{ [Each in Known]: WrittenTo<Of[Each]> & Row }>): Changes<Of> & AnyChanges
  readonly settled?: Settled<keyof Of & string>
  /** Accounts (row-key.ts) of which listeners are told that something changed, besides known `accounts` that did. */
  alsoChanged?(changes: Changes<Of> & AnyChanges): Iterable<string>
}

/**
 * Rows that wait for what another partition's writer writes: `statements` take those that it has written by now to
 * where they belong, once the fold has made so many more `of` them, in the transaction that writes these. A writer does
 * so at first, too: what the one before it has left, nobody has counted. Not while rows are loaded: those that wait are
 * worked out then.
 */
export type Settled<Of extends string> = {
  readonly of: Of
  readonly after: number
  statements(schema: string, partition: number): string
}

export type FoldInput<Known> = {
  readonly partition: number
  readonly commits: readonly Commit[]
  /** All of the batch in the log's order, those too that do not count. */
  readonly records: readonly FoldedRecord[]
  readonly known: { readonly [Each in keyof Known]: ReadonlyMap<string, Known[Each]> }
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
  readonly known?: Readonly<Record<string, (commits: readonly Commit[]) => Iterable<string>>>
  fold(batch: FoldInput<Record<string, Row>>): AnyChanges
  readonly settled?: Settled<string>
  alsoChanged?(changes: AnyChanges): Iterable<string>
}

type AnyChanges = Readonly<Record<string, readonly Row[]>>

type Place = { readonly schema: string; readonly partition: number; readonly isLoading: boolean }

function openWriter(definition: AnyDefinition, place: Place): ProjectionWriter {
  const { partition, isLoading } = place
  const all = knownRowsOf(definition, place.schema)
  const known = Object.fromEntries(all.map(({ of, rows }) => [of, rows.known]))
  let folded = nothingYet(definition, place)
  let writing: Folded['changed'] = new Map()
  const settle = createSettling(definition, place)
  return {
    async prepare(reader, commits) {
      for (const { rows, keys } of all) await rows.learn(reader, keys(commits))
    },
    fold(commits, records) {
      const changes = definition.fold({ partition, commits, records, known, isLoading })
      for (const { name, rows } of folded.tables) rows.add(changes[name] ?? [])
      settle.note(changes)
      for (const id of definition.alsoChanged?.(changes) ?? []) folded.alsoChanged.add(id)
      for (const { of, rows, keyOf } of all) {
        const unwritten = folded.changed.get(of) ?? new Set()
        folded.changed.set(of, unwritten)
        const changed = changes[of] ?? []
        rows.change(changed)
        for (const row of changed) unwritten.add(keyOf(row))
        rows.forgetOldest((key) => unwritten.has(key) || (writing.get(of)?.has(key) ?? false))
      }
    },
    take() {
      const taken = folded
      folded = nothingYet(definition, place)
      writing = taken.changed
      return changesOf(taken, settle.take())
    },
  }
}

/** What was folded and not written. */
type Folded = {
  readonly tables: readonly { readonly name: string; readonly rows: ReturnType<typeof gatherRows> }[]
  /** Whether all tables have the keys that single statements need. */
  readonly isWhole: boolean
  /** By table the keys of known rows. */
  readonly changed: Map<string, Set<string>>
  readonly alsoChanged: Set<string>
}

function nothingYet({ tables }: AnyDefinition, { schema, isLoading }: Place): Folded {
  const all = Object.entries(tables)
  const written = all.filter(([, { workedOut }]) => !(isLoading && workedOut))
  return {
    tables: written.map(([name, table]) => ({ name, rows: gatherRows(table, schema) })),
    isWhole: written.length === all.length,
    changed: new Map(),
    alsoChanged: new Set(),
  }
}

function createSettling({ settled }: AnyDefinition, { schema, partition, isLoading }: Place) {
  let waiting = settled?.after ?? 0
  return {
    note(changes: AnyChanges): void {
      if (settled) waiting += changes[settled.of]?.length ?? 0
    },
    /** What is to be run after the rows are written; undefined while few of them wait. */
    take(): string | undefined {
      if (!settled || isLoading || waiting < settled.after) return undefined
      waiting = 0
      return settled.statements(schema, partition)
    },
  }
}

function changesOf({ tables, isWhole, changed, alsoChanged }: Folded, settling: string | undefined): WriteChanges {
  const isLittle = isWhole && settling === undefined && tables.every(({ rows }) => rows.isFew())
  return {
    changed: [...new Set([...(changed.get('accounts') ?? []), ...alsoChanged])],
    async write(client) {
      for (const { rows } of tables) await rows.write(client)
      if (settling !== undefined) await client.query(settling)
    },
    parts: isLittle ? (parameter) => tables.flatMap(({ rows }) => rows.part(parameter) ?? []) : undefined,
  }
}

type Known = {
  readonly of: string
  readonly keys: (commits: readonly Commit[]) => Iterable<string>
  readonly keyOf: (row: Row) => string
  readonly rows: KnownRows<Row>
}

function knownRowsOf({ known = {}, tables }: AnyDefinition, schema: string): Known[] {
  return Object.entries(known).flatMap(([of, keys]) => {
    const table = tables[of]
    if (!table) return []
    const { name, key: by = [], types } = table
    if (by.length === 0 || by.some((column) => types[column] !== 'text')) {
      throw new Error(`${name} is to be known by a key of texts`)
    }
    const keyOfRow = keyOf(by)
    const load = (reader: Queryable, wanted: readonly string[]) => readRows(reader, table, schema, by, wanted)
    return [{ of, keys, keyOf: keyOfRow, rows: createKnownRows(keyOfRow, load) }]
  })
}
