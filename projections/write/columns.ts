import type { ColumnType, InsertType } from 'kysely'
import type { StoredType } from './binary-values.ts'

/** A column of a table: what PostgreSQL stores, and what Kysely reads and a projection writes (`Held`). */
export type Column<Held = unknown> = {
  readonly type: StoredType
  /** As a CREATE TABLE names it. */
  readonly sql: string
  readonly isNull: boolean
  /** A type alone: no column holds it. */
  readonly held?: Held
}

/** A time as PostgreSQL gives it, and as a projection writes it: RFC 3339. */
export type Instant = ColumnType<Date, string, string>

/** For people, in the database's own order. */
export function text<Value extends string = string>(): Column<Value> {
  return { type: 'text', sql: 'text', isNull: false }
}

/** Compared byte by byte: ids, and what stands in keys. */
export function exactText<Value extends string = string>(): Column<Value> {
  return { type: 'text', sql: 'text collate "C"', isNull: false }
}

export function int4(): Column<number> {
  return { type: 'int4', sql: 'int', isNull: false }
}

/** Arrives as bigint where the pool parses it so; that of the read side does. */
export function int8(): Column<bigint> {
  return { type: 'int8', sql: 'int8', isNull: false }
}

/** A whole number without bounds. */
export function numeric(): Column<bigint> {
  return { type: 'numeric', sql: 'numeric', isNull: false }
}

export function instant(): Column<Instant> {
  return { type: 'timestamptz', sql: 'timestamptz', isNull: false }
}

/** Written as the text of JSON. */
export function json<Value>(): Column<ColumnType<Value, string, string>> {
  return { type: 'jsonb', sql: 'jsonb', isNull: false }
}

/** Bytes, written in base64url. */
export function digest(): Column<ColumnType<Buffer, string, string>> {
  return { type: 'digest', sql: 'bytea', isNull: false }
}

export function orNull<Held>(column: Column<Held>): Column<Held | null> {
  return { ...column, isNull: true }
}

export type Columns = Readonly<Record<string, Column>>

/** The columns as Kysely sees them. */
export type HeldBy<Of extends Columns> = {
  -readonly [Name in keyof Of]: Of[Name] extends Column<infer Held> ? Held : never
}

/** A row as a projection writes it: all of its columns, with times as RFC 3339. */
export type WrittenBy<Of extends Columns> = {
  -readonly [Name in keyof Of]: InsertType<HeldBy<Of>[Name]>
}
