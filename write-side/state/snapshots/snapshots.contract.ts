import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { STATE_VERSION } from '../mark.ts'
import { append, expected, known, openOn } from '../state.fixture.ts'
import type { StateDisk } from '../tables.ts'
import { openManifest, sealManifest, snapshotKey } from './manifest.ts'
import { namesOf } from './names.ts'
import type { ObjectStore } from './object-store.ts'
import { type ObjectStoreSettings, openObjectStore } from './open-object-store.ts'
import { restoreSnapshot } from './restore.ts'
import { contentOf, freshMachine, secret } from './snapshots.fixture.ts'
import type { Snapshots } from './snapshots.ts'
import { takeSnapshot } from './take.ts'

const now = '2026-02-03T04:05:06.000Z'
const never = new AbortController().signal

/** What holds of snapshots wherever they lie; `fresh` is an empty place. */
export function snapshotsContract(fresh: (context: TestContext) => Promise<ObjectStoreSettings>): void {
  const taken = takenIn(fresh)
  describeRestored(fresh, taken)
  describeHarmed(taken)
  describeNames(taken)
}

type Fresh = (context: TestContext) => Promise<ObjectStoreSettings>
type TakenIn = ReturnType<typeof takenIn>

/** Takes a snapshot behind each so many commits, in this process. */
function takenIn(fresh: Fresh) {
  return async (context: TestContext, commits: readonly number[]) => {
    const settings = await fresh(context)
    const machine = freshMachine(context, settings)
    const objects = openObjectStore(settings)
    for (const count of commits) {
      const { store } = await openOn(context, machine.disk)
      await append(store, count)
      await store.close()
      await takeHere(machine.disk, objects)
    }
    return { settings, objects, ...machine }
  }
}

function describeRestored(fresh: Fresh, taken: TakenIn): void {
  test('a state made of a snapshot is the one that it was taken of', async (context) => {
    const { settings, disk } = await taken(context, [5_000])
    const other = freshMachine(context, settings)
    const { found, refused } = await other.snapshots.newest(5)
    assert.deepEqual([found.length, refused], [1, []])
    const [newest] = found
    assert.ok(newest)
    assert.deepEqual([newest.fold.seq, newest.fold.offset, newest.takenAt], [5_000, 5_002n, now])
    const restored = await other.snapshots.restore(newest, never)
    assert.equal(restored.kind, 'restored')
    assert.deepEqual(await other.disk.check(expected), { kind: 'sound' })
    assert.equal(await contentOf(other.disk), await contentOf(disk))
    const { store } = await openOn(context, other.disk)
    assert.equal(store.digest(), restored.kind === 'restored' && restored.digest)
    assert.equal(known(store, 5_000).length, 5_000)
    await append(store, 10)
    assert.equal(known(store, 5_010).length, 5_010)
    await store.close()
    assert.deepEqual(await other.disk.check(expected), { kind: 'sound' })
  })

  test('a snapshot is taken of a state that goes on', async (context) => {
    const settings = await fresh(context)
    const { disk, snapshots } = freshMachine(context, settings)
    const { store } = await openOn(context, disk)
    await append(store, 3_000)
    const taking = snapshots.take(now, never)
    let over = false
    const ended = taking.finally(() => {
      over = true
    })
    while (!over) await append(store, 50)
    assert.equal((await ended).kind, 'taken')
    const other = freshMachine(context, settings)
    assert.equal((await restoreNewest(other.snapshots)).kind, 'restored')
    assert.deepEqual(await other.disk.check(expected), { kind: 'sound' })
  })
}

function describeHarmed(taken: TakenIn): void {
  for (const [what, harm] of Object.entries(harms)) {
    test(`a state that was ${what} is not used`, async (context) => {
      const { settings, objects } = await taken(context, [100])
      const [name] = (await namesIn(objects)).filter((each) => each.endsWith('.state'))
      assert.ok(name)
      const bytes = harm(await bytesOf(objects, name))
      if (bytes) await objects.write(name, bytes)
      else await objects.remove(name)
      const other = freshMachine(context, settings)
      const [manifest] = (await other.snapshots.newest(1)).found
      assert.ok(manifest)
      const restored = await restoreSnapshot({ path: other.disk.name, key: ledgerKey, manifest }, objects)
      assert.equal(restored.kind, 'refused')
      assert.deepEqual(await other.disk.check(expected), { kind: 'none' })
    })
  }

  test('a snapshot of any key of the ring is found and restored, and the first key seals', async (context) => {
    const { settings } = await taken(context, [100])
    const fresh = snapshotKey('the secret that comes next', expected.ledgerId)
    const turning = freshMachine(context, settings, { key: () => [fresh, ledgerKey] })
    assert.equal((await restoreNewest(turning.snapshots)).kind, 'restored')
    const took = await turning.snapshots.take(now, never)
    assert.equal(took.kind, 'taken')
    assert.equal((await freshMachine(context, settings, { key: fresh }).snapshots.newest(1)).found.length, 1)
  })

  test('a snapshot whose manifest was changed, or is another, is refused: the one before is found', async (context) => {
    const { settings, objects } = await taken(context, [100, 100])
    const [newest] = (await namesIn(objects))
      .filter((each) => each.endsWith('.json'))
      .sort()
      .reverse()
    assert.ok(newest)
    const whole = await bytesOf(objects, newest)
    const key = ledgerKey
    const manifest = openManifest(whole, key, expected)
    assert.ok('fold' in manifest)
    const partition = 1
    const others = {
      cut: whole.subarray(0, whole.length - 10),
      empty: Buffer.alloc(0),
      long: Buffer.alloc(1 << 20, ' '),
      edited: Buffer.from(String(whole).replace('\\"seq\\":200', '\\"seq\\":201')),
      'of another key': sealManifest(manifest, snapshotKey('another secret', expected.ledgerId)),
      'of another ledger': sealManifest({ ...manifest, ledgerId: 'other' }, key),
      'of another partition': sealManifest({ ...manifest, partition, fold: { ...manifest.fold, partition } }, key),
    }
    for (const [what, bytes] of Object.entries(others)) {
      await objects.write(newest, bytes)
      const { found, refused } = await freshMachine(context, settings).snapshots.newest(5)
      const seqs = found.map(({ fold }) => fold.seq)
      assert.deepEqual([seqs, refused.map(({ name }) => name)], [[100], [newest]], what)
    }
  })
}

function describeNames(taken: TakenIn): void {
  test('the three newest are kept', async (context) => {
    const { objects, snapshots } = await taken(context, [10, 10, 10, 10, 10])
    const { found } = await snapshots.newest(10)
    assert.deepEqual(
      found.map(({ fold }) => fold.seq),
      [50, 40, 30],
    )
    assert.equal((await namesIn(objects)).length, 6)
  })

  test('what one ledger or partition has taken is not found by another', async (context) => {
    const { settings } = await taken(context, [10])
    for (const other of [{ ledgerId: 'other' }, { partition: 1 }]) {
      const { found, refused } = await freshMachine(context, settings, other).snapshots.newest(5)
      assert.deepEqual([found, refused], [[], []])
    }
  })

  test('a content without a manifest is no snapshot, and goes once three later ones stand', async (context) => {
    const { objects, settings, disk } = await taken(context, [10, 10])
    const torn = namesOf(expected, { seq: 15, stateVersion: STATE_VERSION, id: 'torn' }).content
    const written = namesOf(expected, { seq: 99, stateVersion: STATE_VERSION, id: 'now' }).content
    for (const name of [torn, written]) await objects.write(name, randomBytes(100))
    const { snapshots } = freshMachine(context, settings)
    const { found, refused } = await snapshots.newest(5)
    assert.deepEqual([found.map(({ fold }) => fold.seq), refused], [[20, 10], []])
    for (let count = 0; count < 2; count += 1) {
      const { store } = await openOn(context, disk)
      await append(store, 10)
      await store.close()
      await takeHere(disk, objects)
    }
    const names = await namesIn(objects)
    assert.deepEqual([names.includes(torn), names.includes(written), names.length], [false, true, 7])
  })
}

/** What may happen to the bytes of a state; undefined: they are gone. */
const harms: Readonly<Record<string, (bytes: Buffer) => Buffer | undefined>> = {
  'cut off': (bytes) => bytes.subarray(0, bytes.length - 1),
  lengthened: (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
  edited: (bytes) => {
    const edited = Buffer.from(bytes)
    edited[100] = (edited[100] ?? 0) ^ 1
    return edited
  },
  removed: () => undefined,
}

const ledgerKey = snapshotKey(secret, expected.ledgerId)

/** In this process, which takes a tenth of the time. */
async function takeHere(disk: StateDisk, objects: ObjectStore): Promise<void> {
  const taken = await takeSnapshot({ ...expected, path: disk.name, key: ledgerKey, takenAt: now }, objects)
  assert.equal(taken.kind, 'taken')
}

async function restoreNewest(snapshots: Snapshots) {
  const [newest] = (await snapshots.newest(1)).found
  assert.ok(newest)
  return snapshots.restore(newest, never)
}

async function namesIn(objects: ObjectStore): Promise<string[]> {
  return objects.list(`ledger-${expected.ledgerId}/partition-${expected.partition}`)
}

async function bytesOf(objects: ObjectStore, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of (await objects.read(name)) ?? []) parts.push(chunk)
  return Buffer.concat(parts)
}
