import { foldOfOther, type OpenedState, openStateStore, type StateStoreOptions, storeOver } from './state-store.ts'
import { isUseless, type StateDisk } from './tables.ts'

/**
 * Opens the state of one partition again and again, one after the other. It is checked as `openStateStore` does, but
 * not where this process had it open before and it stands as it was closed, or has just made it (`known` is its digest
 * then): nobody waits for that.
 */
export function createStateOpener(
  disk: StateDisk,
  options: StateStoreOptions,
): (signal: AbortSignal, known?: string) => Promise<OpenedState> {
  let closedWith: { readonly digest: string | undefined } | undefined
  return async (signal, made) => {
    const known = made === undefined ? closedWith : { digest: made }
    closedWith = undefined
    const { store, found, other } =
      (known && (await openAsClosed(disk, options, known.digest))) ?? (await openStateStore(disk, options, signal))
    let isTrusted = true
    /** What cannot be read was harmed. */
    function reading<Value>(read: () => Value): Value {
      try {
        return read()
      } catch (error) {
        isTrusted = false
        throw error
      }
    }
    return {
      ...{ found, other },
      store: {
        ...store,
        read: (table, key) => reading(() => store.read(table, key)),
        keyEntry: (scopedKey) => reading(() => store.keyEntry(scopedKey)),
        foldsAround: (seq) => reading(() => store.foldsAround(seq)),
        async check(...asked) {
          const verdict = await store.check(...asked)
          if (isUseless(verdict)) isTrusted = false
          return verdict
        },
        async close() {
          try {
            if (isTrusted) closedWith = { digest: store.digest() }
          } finally {
            await store.close()
          }
        },
      },
    }
  }
}

/** Undefined where somebody wrote it meanwhile. */
async function openAsClosed(
  disk: StateDisk,
  options: StateStoreOptions,
  digest: string | undefined,
): Promise<OpenedState | undefined> {
  const store = storeOver(disk, await disk.open(), options)
  if (store.digest() === digest) {
    const found = { kind: digest === undefined ? 'none' : 'sound' } as const
    return { store, found, other: await foldOfOther(disk, store) }
  }
  await store.close()
  return undefined
}
