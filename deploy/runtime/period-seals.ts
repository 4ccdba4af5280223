import { hash } from 'node:crypto'

/** What a partition's figures of a period have for a digest. */
export type PartitionDigest = { readonly partition: number; readonly digest: string }

/**
 * The digest over what several partitions seal: SHA-256, base64url, over a line for each of them, in their order,
 * `partition\tdigest\n`.
 */
export function digestOfSeals(seals: readonly PartitionDigest[]): string {
  const ordered = seals.toSorted((one, other) => one.partition - other.partition)
  return hash('sha256', ordered.map(({ partition, digest }) => `${partition}\t${digest}\n`).join(''), 'base64url')
}
