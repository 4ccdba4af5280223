import type { LedgerView, Put, StateTable } from '@micropay/write-side/decide/ledger'
import { REMOVED } from '@micropay/write-side/decide/ledger'

/** The state of a partition in memory: what was taken away leaves nothing behind. */
export type KeptLedger = LedgerView & { put(puts: readonly Put[]): void }

export function createKeptLedger(): KeptLedger {
  const tables = new Map<StateTable<unknown, unknown>, Map<string, unknown>>()
  return {
    read<Key, Value>(table: StateTable<Key, Value>, key: Key): Value | undefined {
      // A table's map holds what `put` was given for that table, and nothing else.
      return tables.get(table)?.get(table.keyText(key)) as Value | undefined
    },
    put(puts) {
      for (const { table, key, value } of puts) {
        const own = tables.get(table) ?? new Map<string, unknown>()
        if (own.size === 0) tables.set(table, own)
        if (value === REMOVED) own.delete(key)
        else own.set(key, value)
      }
    },
  }
}
