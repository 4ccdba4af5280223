import assert from 'node:assert/strict'
import type { KeyKinds, Table, Tables } from '../tables.ts'

/** What tables hold, by name. */
export type Content = Map<string, Records>

/** The bytes of each key, and the keys in order, as far as that is known. */
type Records = { readonly bytes: Map<string, Uint8Array>; order: string[] | undefined }

/** What became of one record; undefined: it was removed. */
export type Change = { readonly table: string; readonly key: string; readonly value: Uint8Array | undefined }

/** What one transaction changed, and what was there before each change. */
export type Transaction = { readonly changes: Change[]; readonly before: Change[] }

export function copyOf(content: Content): Content {
  return new Map(Array.from(content, ([name, { bytes }]) => [name, { bytes: new Map(bytes), order: undefined }]))
}

export function apply(content: Content, changes: readonly Change[]): void {
  for (const { table, key, value } of changes) {
    const records = recordsOf(content, table)
    if (value === undefined) {
      records.bytes.delete(key)
      if (records.order?.[0] === key) records.order.shift()
      else records.order = undefined
    } else {
      if (!records.bytes.has(key)) records.order = orderWith(records.order, key)
      records.bytes.set(key, value)
    }
  }
}

/** Whether both hold the same bytes under the same keys. */
export function isSame(one: Content, other: Content): boolean {
  const names = new Set([...one.keys(), ...other.keys()])
  return names.values().every((name) => {
    const [{ bytes }, { bytes: others }] = [recordsOf(one, name), recordsOf(other, name)]
    return bytes.size === others.size && bytes.entries().every(([key, value]) => isBytes(value, others.get(key)))
  })
}

function isBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0
}

/** Most keys come behind all others. */
function orderWith(order: string[] | undefined, key: string): string[] | undefined {
  if (!order || key < (order.at(-1) ?? '')) return undefined
  order.push(key)
  return order
}

export function undo(content: Content, { before }: Transaction): void {
  apply(content, before.toReversed())
}

/**
 * Tables over what `content` answers at each call. `run` is given each transaction, and begins it whenever it likes;
 * what it does then, it does in one turn.
 */
export function tablesOver(content: () => Content, run: Run): Tables {
  let current: Transaction | undefined
  function change(table: string, key: string, value: Uint8Array | undefined): void {
    assert(current, 'tables are changed within transactions alone')
    current.before.push({ table, key, value: recordsOf(content(), table).bytes.get(key) })
    current.changes.push({ table, key, value })
    apply(content(), current.changes.slice(-1))
  }
  return {
    open: (name, keys) => tableOver(content, name, keys, change),
    transaction: (work) =>
      run(() => {
        const transaction: Transaction = { changes: [], before: [] }
        current = transaction
        try {
          return { result: work(), transaction }
        } catch (error) {
          undo(content(), transaction)
          throw error
        } finally {
          current = undefined
        }
      }),
    close: async () => {},
  }
}

export type Run = <Result>(
  begin: () => { readonly result: Result; readonly transaction: Transaction },
) => Promise<Result>

function tableOver<Kind extends keyof KeyKinds>(
  content: () => Content,
  name: string,
  keys: Kind,
  change: (table: string, key: string, value: Uint8Array | undefined) => void,
): Table<KeyKinds[Kind]> {
  const { encode, decode } = keyCodecs[keys]
  const records = () => recordsOf(content(), name)
  return {
    get: (key) => records().bytes.get(encode(key)),
    put: (key, value) => change(name, encode(key), Uint8Array.from(value)),
    remove: (key) => change(name, encode(key), undefined),
    clear() {
      for (const key of Array.from(records().bytes.keys())) change(name, key, undefined)
    },
    entries({ from, limit, reverse = false } = {}) {
      const { bytes } = records()
      const order = reverse ? orderOf(records()).toReversed() : orderOf(records())
      const isIn = (key: string) => from === undefined || (reverse ? key <= encode(from) : key >= encode(from))
      const begin = order.findIndex(isIn)
      if (begin < 0) return []
      const keys = order.slice(begin, limit === undefined ? undefined : begin + limit)
      return keys.map((key) => ({ key: decode(key), value: bytes.get(key) as Uint8Array }))
    },
  }
}

type KeyCodecs = {
  readonly [Kind in keyof KeyKinds]: {
    encode(key: KeyKinds[Kind]): string
    decode(key: string): KeyKinds[Kind]
  }
}

/** Texts that sort as the keys do. */
export const keyCodecs: KeyCodecs = {
  text: { encode: (key) => key, decode: (key) => key },
  number: { encode: (key) => String(key).padStart(16, '0'), decode: Number },
  bytes: { encode: (key) => Buffer.from(key).toString('latin1'), decode: (key) => Buffer.from(key, 'latin1') },
}

function orderOf(records: Records): string[] {
  records.order ??= Array.from(records.bytes.keys()).sort()
  return records.order
}

export function recordsOf(content: Content, table: string): Records {
  const records = content.get(table) ?? { bytes: new Map(), order: undefined }
  content.set(table, records)
  return records
}
