import type { Expected } from '../tables.ts'

/** Where the snapshots of a partition lie in a store of objects. */
export function folderOf({ ledgerId, partition }: Expected): string {
  return `ledger-${encodeURIComponent(ledgerId)}/partition-${partition}`
}

/** The two objects of a snapshot. Names are a hint for who looks for the newest: what is believed is the manifest. */
export function namesOf(expected: Expected, { seq, stateVersion, id }: Named): { manifest: string; content: string } {
  const base = `${folderOf(expected)}/${String(seq).padStart(SEQ_DIGITS, '0')}-v${stateVersion}-${id}`
  return { manifest: `${base}.json`, content: `${base}.state` }
}

const SEQ_DIGITS = 16

type Named = { readonly seq: number; readonly stateVersion: number; readonly id: string }

export type SnapshotName = {
  readonly name: string
  readonly seq: number
  readonly stateVersion: number
  readonly isManifest: boolean
}

/** Those among the names that are of snapshots, the newest first. */
export function snapshotNames(names: readonly string[]): SnapshotName[] {
  return names.flatMap((name) => nameIn(name) ?? []).sort((one, other) => other.seq - one.seq)
}

function nameIn(name: string): SnapshotName | undefined {
  const [, seq, version, kind] = /\/([0-9]{16})-v([0-9]{1,6})-[A-Za-z0-9_-]+\.(json|state)$/.exec(name) ?? []
  if (seq === undefined) return undefined
  return { name, seq: Number(seq), stateVersion: Number(version), isManifest: kind === 'json' }
}

/**
 * What may go, manifests first: of this version all below the newest `keep`, and what is of earlier versions below
 * them, which nobody needs any more. A content without a manifest may be one that is being written, unless it is below
 * them.
 */
export function outlived(names: readonly string[], stateVersion: number, keep: number): string[] {
  const snapshots = snapshotNames(names)
  const kept = snapshots.filter((each) => each.isManifest && each.stateVersion === stateVersion).slice(0, keep)
  const oldest = kept.length < keep ? undefined : kept.at(-1)
  if (!oldest) return []
  const isOld = (each: SnapshotName) => each.seq < oldest.seq && each.stateVersion <= stateVersion
  return snapshots
    .filter(isOld)
    .sort((one, other) => Number(other.isManifest) - Number(one.isManifest))
    .map(({ name }) => name)
}
