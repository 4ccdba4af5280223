import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { STATE_VERSION } from '../state/mark.ts'
import { type Manifest, openManifest, sealManifest, snapshotKey } from '../state/snapshots/manifest.ts'
import { createSnapshots, createTurns, type Snapshots } from '../state/snapshots/snapshots.ts'
import { freshDirectory } from '../state/state.fixture.ts'
import { accept, bookedLedger, pay, stopped } from './booked-ledger.fixture.ts'
import { ledgerId, startOwner, stopOwner, type TestOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

const secret = 'what all workers of the ledger share'
const key = snapshotKey(secret, ledgerId)
const limits = { snapshotLookMs: 20, snapshotEveryMs: 1 }

/** A worker with a state directory and, if it shares a folder, the snapshots there. */
function worker(log: EventLog, folder: string, directory = mkdtempSync(join(tmpdir(), 'micropay-snapshots-'))) {
  const path = join(directory, `partition-0-v${STATE_VERSION}`)
  return startOwner(log, { directory, limits, snapshots: snapshotsIn(folder, path) })
}

function snapshotsIn(folder: string, path: string): Snapshots {
  return createSnapshots({
    ...{ store: { kind: 'folder', path: folder }, key, path, clock: systemClock, turns: createTurns() },
    ...{ ledgerId, partition: 0 },
  })
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 3_000) throw new Error('it never came to that')
    await systemClock.sleep(10)
  }
}

/** A ledger of five commits, with snapshots at 5 and 6 and a worker's directory that stands at 6. */
async function snapped(context: TestContext) {
  const { log, records, directory } = await bookedLedger()
  const folder = freshDirectory(context)
  const owner = worker(log, folder, directory)
  await until(() => owner.status().snapshot?.last?.seq === 5)
  await pay(owner, 'k6')
  await until(() => owner.status().snapshot?.last?.seq === 6)
  await owner.stop()
  const objects = join(folder, `ledger-${ledgerId}`, 'partition-0')
  return { log, records, folder, objects, directory }
}

const objectsOf = (objects: string, kind: string) =>
  readdirSync(objects)
    .filter((name) => name.endsWith(kind))
    .sort()
    .map((name) => join(objects, name))

function newestManifest(objects: string): { readonly path: string; readonly manifest: Manifest } {
  const path = objectsOf(objects, '.json').at(-1)
  assert.ok(path)
  const manifest = openManifest(readFileSync(path), key, { ledgerId, partition: 0 })
  assert.ok('fold' in manifest)
  return { path, manifest }
}

/** Which records of the log were read, as who folds all of it reads the first. */
function readingOf(log: EventLog) {
  const from: bigint[] = []
  const read: EventLog['read'] = (partition, offset, options) => {
    if (!options.until || options.until - offset > 1n) from.push(offset)
    return log.read(partition, offset, options)
  }
  return { log: { ...log, read }, from }
}

test('a worker with nothing on its disk goes on from the newest snapshot', async (context) => {
  const { log, folder } = await snapped(context)
  const read = readingOf(log)
  const next = worker(read.log, folder)
  assert.equal(summary(await pay(next, 'k6')), 'accepted 6')
  assert.equal(summary(await pay(next, 'k7')), 'accepted 7')
  assert.ok(read.from.every((offset) => offset > 5n))
  assert.equal(next.status().snapshot?.refused, undefined)
  await stopOwner(next)
})

test('where the newest snapshot was changed the one before is used, and that is shown', async (context) => {
  const { log, folder, objects } = await snapped(context)
  const newest = objectsOf(objects, '.state').at(-1)
  assert.ok(newest)
  const bytes = readFileSync(newest)
  bytes[50] = (bytes[50] ?? 0) ^ 1
  writeFileSync(newest, bytes)
  const read = readingOf(log)
  const next = worker(read.log, folder)
  assert.equal(summary(await pay(next, 'k7')), 'accepted 7')
  assert.ok(read.from.every((offset) => offset > 4n))
  assert.match(next.status().snapshot?.refused?.reason ?? '', /its state was changed/)
  await stopOwner(next)
})

test('where no snapshot verifies the state is folded from the log, and that is shown', async (context) => {
  const { log, folder, objects } = await snapped(context)
  for (const path of objectsOf(objects, '.json')) writeFileSync(path, 'edited')
  const next = worker(log, folder)
  assert.equal(summary(await pay(next, 'k5')), 'accepted 5')
  assert.match(next.status().snapshot?.refused?.reason ?? '', /it cannot be read/)
  await stopOwner(next)
})

test('a snapshot of other code is not used', async (context) => {
  const { log, folder, objects } = await snapped(context)
  const { path, manifest } = newestManifest(objects)
  writeFileSync(path, sealManifest({ ...manifest, stateVersion: STATE_VERSION + 1 }, key))
  const read = readingOf(log)
  const next = worker(read.log, folder)
  assert.equal(summary(await pay(next, 'k7')), 'accepted 7')
  assert.ok(read.from.every((offset) => offset > 4n))
  await stopOwner(next)
})

test('a state that was discarded is made of a snapshot', async (context) => {
  const { log, folder, directory } = await snapped(context)
  rmSync(join(directory, `partition-0-v${STATE_VERSION}`, 'digest.key'))
  const read = readingOf(log)
  const next = worker(read.log, folder, directory)
  assert.equal(summary(await pay(next, 'k7')), 'accepted 7')
  assert.match(next.status().stateDiscarded?.reason ?? '', /secret of its digest/)
  assert.ok(read.from.every((offset) => offset > 5n))
  await stopOwner(next)
})

test('a folder that is away keeps nobody from serving, and that is shown', async (context) => {
  const { log } = await bookedLedger()
  const file = join(freshDirectory(context), 'file')
  writeFileSync(file, 'no folder')
  const owner = worker(log, join(file, 'below'))
  assert.equal(summary(await pay(owner, 'k6')), 'accepted 6')
  await until(() => owner.status().snapshot?.failed !== undefined)
  assert.equal(summary(await pay(owner, 'k7')), 'accepted 7')
  await stopOwner(owner)
})

/** Two ways of a log that does not lead to the newest snapshot any more: it ends before, or another record stands. */
const changes = {
  'is ahead of the log': {
    change: (records: unknown[]) => records.splice(records.length - 3),
    because: /up to 0:6 .* was read before/,
  },
  'is of another history': {
    change: (records: { value: Uint8Array }[]) => {
      const at = records.findIndex(({ value }) => Buffer.from(value).includes('"k6"'))
      const record = records[at]
      assert.ok(record)
      records[at] = { ...record, value: Buffer.from(String(Buffer.from(record.value)).replace('"k6"', '"kX"')) }
    },
    because: /is not the one that was read before|was changed/,
  },
}

for (const [what, { change, because }] of Object.entries(changes)) {
  test(`a snapshot that ${what} stops a worker that knows nothing else, until a person accepts it`, async (context) => {
    const { log, records, folder } = await snapped(context)
    change(records as never)
    const before = records.length
    for (let start = 0; start < 2; start += 1) {
      const owner = worker(log, folder)
      assert.match(await stopped(owner), because)
      assert.equal(records.length, before)
      await stopOwner(owner)
    }
    await accept(log, 6)
    const owner = worker(log, folder)
    assert.equal(summary(await pay(owner, 'k8')), 'accepted 8')
    await stopOwner(owner)
  })
}

test('a snapshot ahead of the log stops a worker whose own state the log leads to', async (context) => {
  const { log, records, directory } = await bookedLedger()
  const folder = freshDirectory(context)
  const whole = [...records]
  const other: TestOwner = worker(log, folder)
  await pay(other, 'k6')
  await until(() => other.status().snapshot?.last?.seq === 6)
  await other.stop()
  records.splice(0, records.length, ...whole)
  const owner = worker(log, folder, directory)
  assert.match(await stopped(owner), /up to 0:6 .* was read before/)
  await stopOwner(owner)
})
