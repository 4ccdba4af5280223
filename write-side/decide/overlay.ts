import type { LedgerView, Put, StateTable } from './ledger.ts'

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
  let layer: Layer = new Map()
  return {
    read<Key, Value>(table: StateTable<Key, Value>, key: Key): Value | undefined {
      const own = layer.get(table)?.get(table.keyText(key))
      // A table's map holds what `put` was given for that table, and nothing else.
      return own === undefined ? below.read(table, key) : (own as Value)
    },
    put(puts) {
      for (const { table, key, value } of puts) {
        const own = layer.get(table)
        if (own) own.set(key, value)
        else layer.set(table, new Map([[key, value]]))
      }
    },
    take() {
      const taken = layer
      layer = new Map()
      return taken
    },
    hold(held) {
      layer = held
    },
  }
}

/** A ledger in which nothing has happened. */
export const emptyLedger: LedgerView = { read: () => undefined }
