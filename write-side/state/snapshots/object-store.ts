/** Where snapshots lie: named objects, in a shared folder or in a store of objects. Names are paths with `/`. */
export type ObjectStore = {
  /** For people. */
  readonly where: string
  /** The names that begin with `folder` and a `/`, in no order. */
  list(folder: string): Promise<string[]>
  /** Its bytes; undefined where there is none. Who stops reading ends it. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Puts the bytes, or what is in a file, under a name: there it is found only once all of it is there. */
  write(name: string, content: Uint8Array | { readonly file: string }): Promise<void>
  /** Where there is none, nothing happens. */
  remove(name: string): Promise<void>
}
