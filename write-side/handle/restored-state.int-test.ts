import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import fc from 'fast-check'
import { createDigest } from '../state/digest.ts'
import { lmdbDisk } from '../state/lmdb/disk.ts'
import { readMark } from '../state/mark.ts'
import { META, openPartitionTables, recordsIn } from '../state/partition-tables.ts'
import { snapshotKey } from '../state/snapshots/manifest.ts'
import { createSnapshots, createTurns, type Snapshots } from '../state/snapshots/snapshots.ts'
import { freshDirectory } from '../state/state.fixture.ts'
import { openLog } from './booked-ledger.fixture.ts'
import { ledgerId, opening, paying, startOwner, stopOwner, type TestOwner } from './owner.fixture.ts'

const never = new AbortController().signal
const key = snapshotKey('what all workers of the ledger share', ledgerId)

function machine(folder: string) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-machine-'))
  const disk = lmdbDisk(directory, 0, systemClock)
  const store = { kind: 'folder', path: folder } as const
  const options = { store, key, path: disk.name, clock: systemClock, turns: createTurns(), ledgerId, partition: 0 }
  return { directory, disk, snapshots: createSnapshots(options) }
}

/** A digest over all records but the mark, and the position of that: how far the key index is differs by the writes. */
async function contentOf({ disk }: ReturnType<typeof machine>) {
  const { tables } = await disk.open()
  const digest = createDigest(Buffer.from('of any state'))
  for (const { table, key: of, value } of recordsIn(openPartitionTables(tables))) {
    if (table !== META) digest.add(table, of, value)
  }
  const fold = readMark(tables.open(META, 'text'))?.mark.fold
  await tables.close()
  return { digest: digest.read(), seq: fold?.seq, hash: fold?.hash, agedMs: fold?.agedMs }
}

type Payment = { readonly from: string; readonly to: string; readonly amount: number }

const account = fc.constantFrom('ada', 'ben', 'cyd')
const payments = fc.array(fc.record({ from: account, to: account, amount: fc.integer({ min: 1, max: 50 }) }), {
  maxLength: 60,
})

async function book(owner: TestOwner, name: string, booked: readonly Payment[]): Promise<void> {
  const pays = booked.filter(({ from, to }) => from !== to)
  await Promise.all(
    pays.map(({ from, to, amount }, at) => owner.submit(paying(`${name}-${at}`, from, to, `${amount}`))),
  )
}

/** What a worker with an empty disk has on it, once it has served. */
async function stateMade(log: EventLog, at: ReturnType<typeof machine>, snapshots?: Snapshots) {
  const owner = startOwner(log, { directory: at.directory, ...(snapshots ? { snapshots } : {}) })
  await owner.submit(paying('last', 'ada', 'ben', '1'))
  await owner.stop()
  const content = await contentOf(at)
  await stopOwner(owner)
  return content
}

test('a state that goes on from a snapshot is the one that is folded from the log', async (context) => {
  await fc.assert(
    fc.asyncProperty(payments, payments, async (before, behind) => {
      const { log } = await openLog()
      const folder = freshDirectory(context)
      const first = machine(folder)
      const owner = startOwner(log, { directory: first.directory, snapshots: first.snapshots })
      await owner.submit(opening('ada', 'o-1', 'unlimited'))
      for (const id of ['ben', 'cyd']) await owner.submit(opening(id))
      await book(owner, 'before', before)
      while (owner.status().stateLagCommits > 0) await systemClock.sleep(10)
      assert.equal((await first.snapshots.take(new Date().toISOString(), never)).kind, 'taken')
      await book(owner, 'behind', behind)
      await stopOwner(owner)
      const [second, third] = [machine(folder), machine(folder)]
      const became: string[] = []
      const restore: Snapshots['restore'] = async (...asked) => {
        const restored = await second.snapshots.restore(...asked)
        became.push(restored.kind)
        return restored
      }
      const goesOn = await stateMade(log, second, { ...second.snapshots, restore })
      assert.deepEqual(became, ['restored'])
      assert.deepEqual(goesOn, await stateMade(log, third))
    }),
    { numRuns: 4 },
  )
})
