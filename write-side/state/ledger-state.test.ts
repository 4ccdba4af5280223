import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { accounts } from '../decide/account.ts'
import { createLedgerState } from './ledger-state.ts'
import { createMemoryDisk } from './memory/disk.ts'
import { openPartitionTables } from './partition-tables.ts'
import { account, adaKey, append, counted, expected, freshDisks, keyOf, markAt, openOn } from './state.fixture.ts'
import { openStateStore, type StateStore } from './state-store.ts'

/** A state whose writes begin, and then wait until they are let go; `written` holds how far each of them goes. */
async function openHeld(context: TestContext) {
  const { store } = await openOn(context, freshDisks.memory(context))
  const gate = Promise.withResolvers<void>()
  const written: [marked: number, changes: number[]][] = []
  const write: StateStore['write'] = async (from, to, changes) => {
    written.push([to.fold.seq, changes.map(({ fold }) => fold.seq)])
    await gate.promise
    return store.write(from, to, changes)
  }
  const state = createLedgerState({ ...store, write }, 0, createLogger('test', 'silent'))
  const count = (seq: number) => state.count(counted(seq).change, markAt(seq).fold, 900)
  return { state, store, count, written, letGo: gate.resolve }
}

test('what is being written is seen, and what came since lies above it', async (context) => {
  const { state, store, count, letGo } = await openHeld(context)
  count(1)
  const flushed = state.flush()
  assert.equal(store.mark(), undefined, 'it is being written')
  assert.equal(state.keyEntry(keyOf(1))?.seq, 1)
  assert.deepEqual(state.read(accounts, adaKey), account(1n))
  count(2)
  assert.deepEqual([state.keyEntry(keyOf(1))?.seq, state.keyEntry(keyOf(2))?.seq], [1, 2])
  assert.deepEqual(state.read(accounts, adaKey), account(2n))
  letGo()
  await flushed
  assert.deepEqual([store.keyEntry(keyOf(1))?.seq, store.keyEntry(keyOf(2))?.seq], [1, 2])
  assert.deepEqual([state.read(accounts, adaKey), store.mark()], [account(2n), markAt(2)])
})

test('a commit is looked for between the nearest folds, on disk or not yet', async (context) => {
  const { state, count, letGo } = await openHeld(context)
  for (let seq = 1; seq <= 70; seq += 1) count(seq)
  const between = (seq: number) => {
    const { from, until } = state.stretchWith(seq)
    return [from.seq, until.seq]
  }
  assert.deepEqual([1, 40, 70].map(between), [
    [0, 1],
    [39, 40],
    [69, 70],
  ])
  const flushed = state.flush()
  for (let seq = 71; seq <= 75; seq += 1) count(seq)
  assert.deepEqual([40, 71, 75].map(between), [
    [39, 40],
    [70, 71],
    [74, 75],
  ])
  letGo()
  await flushed
  const expected = { 1: [0, 30], 30: [29, 30], 31: [30, 62], 62: [61, 62], 63: [62, 75], 75: [74, 75] }
  for (const [seq, folds] of Object.entries(expected)) assert.deepEqual(between(Number(seq)), folds, seq)
  count(76)
  assert.deepEqual(
    [between(70), between(76)],
    [
      [62, 76],
      [75, 76],
    ],
  )
  assert.equal(state.stretchWith(33).from.genesis?.ledgerId, 'main')
})

test('a write goes as far as its own last commit, whatever is counted while it begins', async (context) => {
  const { state, count, written, letGo } = await openHeld(context)
  count(1)
  const flushed = state.flush()
  count(2)
  letGo()
  await flushed
  assert.deepEqual(written, [
    [1, [1]],
    [2, [2]],
  ])
})

test('an entry that the index leads to answers to its own key alone', async (context) => {
  const disk = freshDisks.memory(context)
  const { store } = await openOn(context, disk)
  await append(store, 1)
  const { tables } = await disk.open()
  const { keyIndex } = openPartitionTables(tables)
  const stranger = 'main\nclient\nada\nstranger'
  const digest = hash('sha256', stranger, 'buffer').subarray(0, 16)
  await tables.transaction(() => keyIndex.put(digest, Buffer.from([0, 0, 0, 0, 0, 1])))
  assert.equal(store.keyEntry(stranger), undefined)
  assert.equal(store.keyEntry(keyOf(1))?.seq, 1)
})

test('one that could not be written, or is distrusted, lets nobody decide any more', async () => {
  let isFull = false
  const disk = createMemoryDisk({ clock: systemClock, isFull: () => isFull })
  const { store } = await openStateStore(disk, expected)
  const state = createLedgerState(store, 0, createLogger('test', 'silent'))
  state.count(counted(1).change, markAt(1).fold, 900)
  assert.ok(state.isTrusted())
  isFull = true
  await assert.rejects(state.flush(), { code: 'state_disk_full' })
  assert.ok(!state.isTrusted())
  await assert.rejects(state.room(), { code: 'state_disk_full' })
  const other = createLedgerState(store, 0, createLogger('test', 'silent'))
  await other.room()
  other.distrust(new Error('edited'))
  assert.ok(!other.isTrusted())
  await assert.rejects(other.room(), /edited/)
  await assert.rejects(other.flush(), /edited/)
})
