import type { TestContext } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createDigest } from '../digest.ts'
import { lmdbDisk } from '../lmdb/disk.ts'
import { openPartitionTables, recordsIn } from '../partition-tables.ts'
import { expected, freshDirectory } from '../state.fixture.ts'
import type { StateDisk } from '../tables.ts'
import { snapshotKey } from './manifest.ts'
import type { ObjectStoreSettings } from './open-object-store.ts'
import { createSnapshots, createTurns, type Snapshots, type SnapshotsOptions } from './snapshots.ts'

export const secret = 'a secret that all workers of the ledger share'

/** A machine of the ledger: a disk of its own, and the snapshots that all share. */
export function freshMachine(
  context: TestContext,
  store: ObjectStoreSettings,
  other: { readonly ledgerId?: string; readonly partition?: number; readonly key?: SnapshotsOptions['key'] } = {},
): { readonly disk: StateDisk; readonly snapshots: Snapshots } {
  const ledgerId = other.ledgerId ?? expected.ledgerId
  const partition = other.partition ?? expected.partition
  const disk = lmdbDisk(freshDirectory(context), partition, systemClock)
  const key = other.key ?? snapshotKey(secret, ledgerId)
  const options = { store, key, path: disk.name, clock: systemClock, turns: createTurns(), ledgerId, partition }
  return { disk, snapshots: createSnapshots(options) }
}

/** Over all that a state holds, with a key that is the same for all: that of two states is the same if they are. */
export async function contentOf(disk: StateDisk): Promise<string> {
  const { tables } = await disk.open()
  const digest = createDigest(Buffer.from('of any state'))
  for (const { table, key, value } of recordsIn(openPartitionTables(tables))) digest.add(table, key, value)
  await tables.close()
  return digest.read()
}
