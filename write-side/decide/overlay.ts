import { type LedgerView, type Put, REMOVED, type StateTable } from './ledger.ts'

/** Puts by table and key; the last one of a key stands. */
export type Layer = Map<StateTable<unknown, unknown>, Map<string, unknown>>

/** A view over a view: it keeps puts, and whatever was not put is seen as it lies below. */
export type Overlay = LedgerView & {
  put(puts: readonly Put[]): void
  /** Gives away what was put: from here on only what lies below is seen. */
  take(): Layer
  /** Keeps this instead of what was put. */
  hold(layer: Layer): void
}

export function overlayOn(below: LedgerView): Overlay {
  let layer: Layer | undefined
  /** Sorted in once somebody looks. */
  let unsorted: (readonly Put[])[] = []
  /** The table that was read last, and its own puts: one after the other, most reads are of accounts. */
  let latest: StateTable<unknown, unknown> | undefined
  let latestOwn: Map<string, unknown> | undefined

  function become(next: Layer | undefined): void {
    layer = next
    unsorted = []
    latest = undefined
  }
  function sorted(): Layer {
    const all: Layer = layer ?? new Map()
    for (const puts of unsorted) sortIn(all, puts)
    become(all)
    return all
  }
  return {
    read<Key, Value>(table: StateTable<Key, Value>, key: Key): Value | undefined {
      if (unsorted.length > 0) sorted()
      if (latest !== table) {
        latest = table
        latestOwn = layer?.get(table)
      }
      const own = latestOwn?.get(table.keyText(key))
      if (own === REMOVED) return undefined
      // A table's map holds what `put` was given for that table, and nothing else.
      return own === undefined ? below.read(table, key) : (own as Value)
    },
    put(puts) {
      unsorted.push(puts)
    },
    take() {
      const taken = sorted()
      become(undefined)
      return taken
    },
    hold: become,
  }
}

/**
 * The view as it stands, for as long as nothing below it changes: what lies on disk is read once, and not by each who
 * looks at it.
 */
export function readOnce(below: LedgerView): LedgerView {
  const known = new Map<StateTable<unknown, unknown>, Map<string, unknown>>()
  return {
    read<Key, Value>(table: StateTable<Key, Value>, key: Key): Value | undefined {
      const own = known.get(table) ?? new Map<string, unknown>()
      if (own.size === 0) known.set(table, own)
      const text = table.keyText(key)
      const found = own.get(text)
      // A table's map holds what was read of that table, and nothing else.
      if (found !== undefined || own.has(text)) return found as Value | undefined
      const value = below.read(table, key)
      own.set(text, value)
      return value
    },
  }
}

function sortIn(layer: Layer, puts: readonly Put[]): void {
  for (const { table, key, value } of puts) {
    const own = layer.get(table)
    if (own) own.set(key, value)
    else layer.set(table, new Map([[key, value]]))
  }
}

/** A ledger in which nothing has happened. */
export const emptyLedger: LedgerView = { read: () => undefined }
