import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import fc from 'fast-check'
import { accounts } from '../decide/account.ts'
import { type HarmedDisk, harmedDisks } from './harm.fixture.ts'
import { createMemoryDisk } from './memory/disk.ts'
import { decodeValue, encodeValue } from './partition-tables.ts'
import { adaKey, append, expected, keyOf, known, markAt, openOn } from './state.fixture.ts'
import { openStateStore } from './state-store.ts'

/** All that somebody may do to a state of at least 8 commits; of 40, whose first 8 keys are in the index, in memory. */
const harms: Readonly<Record<string, (harmed: HarmedDisk) => void | Promise<void>>> = {
  'an edited balance': ({ edit }) =>
    edit('accounts', 'text', adaKey, (value) => {
      const account = decodeValue(value ?? new Uint8Array())
      assert.ok(typeof account === 'object')
      return encodeValue({ ...account, balanceMinor: '500000000' })
    }),
  'an account that is gone': ({ edit }) => edit('accounts', 'text', adaKey, () => undefined),
  'an account that nobody opened': ({ edit }) =>
    edit('accounts', 'text', 'main\neve', () => encodeValue({ accountId: 'eve', balanceMinor: '1' })),
  'an entry of a key that is gone': ({ edit }) => edit('key-entries', 'number', 7, () => undefined),
  'an edited entry of a key': ({ edit }) =>
    edit('key-entries', 'number', 7, (value) =>
      Buffer.from(value ?? []).map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
    ),
  'an entry of a key in another place': async ({ edit }) => {
    let moved: Uint8Array | undefined
    await edit('key-entries', 'number', 7, (value) => {
      moved = value && Uint8Array.from(value)
      return undefined
    })
    await edit('key-entries', 'number', 77, () => moved)
  },
  'a key that the index does not find': ({ edit }) =>
    edit('key-index', 'bytes', hash('sha256', keyOf(1), 'buffer').subarray(0, 16), () => undefined),
  'a key that the index finds elsewhere': ({ edit }) =>
    edit('key-index', 'bytes', hash('sha256', keyOf(1), 'buffer').subarray(0, 16), () => Buffer.of(0, 0, 0, 0, 0, 2)),
  'an edited mark': ({ edit }) =>
    edit('meta', 'text', 'mark', (value) =>
      Buffer.from(
        Buffer.from(value ?? [])
          .toString()
          .replace('after 40', 'after 39'),
      ),
    ),
  'a mark that is gone': ({ edit }) => edit('meta', 'text', 'mark', () => undefined),
  'an edited digest': ({ edit }) =>
    edit('meta', 'text', 'digest', (value) => Buffer.from(value ?? []).map((byte, at) => (at === 3 ? byte ^ 1 : byte))),
  'a digest that is gone': ({ edit }) => edit('meta', 'text', 'digest', () => undefined),
  'a secret that is gone': ({ loseKey }) => loseKey(),
  'a file that was cut off': ({ truncate }) => truncate(),
}

/** Where each check is a process of its own. */
const someHarms = Object.fromEntries(
  ['an edited balance', 'an entry of a key that is gone', 'a secret that is gone', 'a file that was cut off'].map(
    (harm) => [harm, harms[harm] ?? assert.fail(harm)],
  ),
)

for (const [name, harmedDisk] of Object.entries(harmedDisks)) {
  describe(`a state on a disk that somebody harms: ${name}`, () => {
    for (const [harm, inflict] of Object.entries(name === 'LMDB' ? someHarms : harms)) {
      test(`${harm} is noticed before anything is read, and the state begins anew`, async (context) => {
        const harmed = harmedDisk(context)
        await writeCommits(context, harmed, name === 'LMDB' ? 8 : 40)
        await inflict(harmed)
        const { store, found } = await openOn(context, harmed.disk)
        assert.equal(found.kind, 'discarded')
        assert.equal(store.mark(), undefined)
        assert.equal(store.read(accounts, adaKey), undefined)
        assert.deepEqual(known(store, 80), [])
        await append(store, 3)
        await store.close()
        const again = await openOn(context, harmed.disk)
        assert.equal(again.found.kind, 'sound')
        assert.deepEqual(known(again.store, 4), [1, 2, 3])
      })
    }

    test('a record from before is noticed', async (context) => {
      const harmed = harmedDisk(context)
      let before: Uint8Array | undefined
      await writeCommits(context, harmed, 1)
      await harmed.edit('accounts', 'text', adaKey, (value) => {
        before = value && Uint8Array.from(value)
        return value
      })
      await writeCommits(context, harmed, 1)
      await harmed.edit('accounts', 'text', adaKey, () => before)
      const { found } = await openOn(context, harmed.disk)
      assert.deepEqual(found, { kind: 'discarded', reason: 'it is not what the ledger wrote: its digest is another' })
    })

    test('a whole state from before is sound: it is only behind', async (context) => {
      const harmed = harmedDisk(context)
      await writeCommits(context, harmed, 2)
      const restore = harmed.copy()
      await writeCommits(context, harmed, 2)
      restore()
      const { store, found } = await openOn(context, harmed.disk)
      assert.deepEqual(found, { kind: 'sound' })
      assert.deepEqual(store.mark(), markAt(2))
      assert.deepEqual(known(store, 4), [1, 2])
    })

    test('a state of another ledger or another partition is put aside', async (context) => {
      for (const other of [
        { ...expected, ledgerId: 'another' },
        { ...expected, partition: 1 },
      ]) {
        const harmed = harmedDisk(context)
        await writeCommits(context, harmed, 1)
        const { store, found } = await openStateStore(harmed.disk, other)
        context.after(() => store.close())
        assert.match(found.kind === 'discarded' ? found.reason : found.kind, /it is of (the ledger|partition) .*, not /)
      }
    })

    test('what is edited while it is open is noticed by the next check', async (context) => {
      const { disk, edit } = harmedDisk(context)
      const { store } = await openOn(context, disk)
      await append(store, 3)
      assert.deepEqual(await store.check(), { kind: 'sound' })
      await edit('accounts', 'text', adaKey, () => encodeValue({ accountId: 'ada', balanceMinor: '1' }))
      assert.equal((await store.check()).kind, 'edited')
    })

    test('a check that nobody waits for any more ends', async (context) => {
      const { disk } = harmedDisk(context)
      const { store } = await openOn(context, disk)
      await append(store, 3)
      await assert.rejects(store.check(AbortSignal.abort(new Error('closing'))), /closing/)
    })
  })
}

async function writeCommits(context: TestContext, { disk }: HarmedDisk, count: number): Promise<void> {
  const { store } = await openOn(context, disk)
  for (let commit = 0; commit < count; commit += 1) await append(store, 1)
  await store.close()
}

test('whatever is written, the digest is the one computed anew, and one byte more or less is noticed', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), commits: fc.nat({ max: 5 }), days: fc.nat({ max: 200 }) }),
    fc.record({ kind: fc.constantFrom('reopen' as const, 'clear' as const), commits: fc.nat(), days: fc.nat() }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), fc.nat(), async (steps, table, record) => {
      const disk = createMemoryDisk({ clock: systemClock })
      let { store } = await openStateStore(disk, { ...expected, keyRetentionDays: 400 })
      let ledgerDays = 0
      for (const { kind, commits, days } of steps) {
        if (kind === 'clear') await store.clear()
        if (kind === 'write') {
          ledgerDays += days
          await append(store, commits, new Date(Date.UTC(2026, 0, 1 + ledgerDays)).toISOString())
        }
        if (kind === 'reopen') {
          const opened = await openStateStore(disk, expected)
          assert.notEqual(opened.found.kind, 'discarded')
          store = opened.store
        }
        const isEmpty = store.mark() === undefined
        assert.deepEqual(await store.check(), { kind: isEmpty ? 'none' : 'sound' })
      }
      const image = disk.copy()
      const full = Array.from(image.content).filter(([name, { bytes }]) => bytes.size > 0 && name !== 'key-index')
      const [name, { bytes }] = full[table % full.length] ?? ['', { bytes: new Map<string, Uint8Array>() }]
      const [key, value] = Array.from(bytes)[record % bytes.size] ?? []
      if (key === undefined || !value) return
      value[record % value.byteLength] = (value[record % value.byteLength] ?? 0) ^ 1
      image.content.get(name)?.bytes.set(key, value)
      disk.restore(image)
      assert.notEqual((await store.check()).kind, 'sound')
    }),
    { numRuns: 60 },
  )
})
