/** What the server counts of an event beside its bytes and its key. */
const OVERHEAD_BYTES = 256

/** Cuts what is to be written into what goes into one write of the server, in order; one item always goes. */
export function splitByBytes<Item>(
  items: readonly Item[],
  mostBytes: number,
  bytesOf: (item: Item) => number,
): Item[][] {
  const writes: Item[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const item of items) {
    const size = bytesOf(item) + OVERHEAD_BYTES
    if (bytes + size > mostBytes) {
      writes.push([])
      bytes = 0
    }
    writes.at(-1)?.push(item)
    bytes += size
  }
  return writes
}
