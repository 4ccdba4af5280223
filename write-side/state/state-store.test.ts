import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AccountId } from '@micropay/schemas/identifiers'
import fc from 'fast-check'
import { accountKey, accounts, putAccount } from '../decide/account.ts'
import type { AccountState } from '../decide/account-state.ts'
import { put } from '../decide/ledger.ts'
import { payees } from '../decide/payee.ts'
import { bankAccounts, statements } from '../decide/statement.ts'
import type { KeptKey, StateChange } from './partition-state.ts'
import { account, ada, adaKey, append, counted, freshDisks, keyOf, known, markAt, openOn } from './state.fixture.ts'
import type { CountedChange } from './write-changes.ts'

function changed(seq: number, edit: (change: StateChange) => StateChange): CountedChange {
  const { change, ...rest } = counted(seq)
  return { change: edit(change), ...rest }
}

for (const [name, freshDisk] of Object.entries(freshDisks)) {
  /** So many that all slices of the index were put, where a write is not waited for. */
  const rounds = name === 'LMDB' ? 3 : 40

  describe(`the state on a disk: ${name}`, () => {
    test('what was written is there when the state is opened again', async (context) => {
      const disk = freshDisk(context)
      const { store } = await openOn(context, disk)
      const saved = [{ alias: 'me', accountId: ada }]
      const keptOf = (seq: number) => counted(seq).change.key as KeptKey
      const opening = { ...keptOf(2).entry, account: { ...account(7n), balanceMinor: '7' } }
      const [statement, bankAccount, person] = [
        { account: adaKey, statementId: 's1' },
        { tenant: 'main', iban: 'NL1', currency: 'EUR' },
        { tenant: 'main', owner: 'ada' },
      ]
      const puts = [put(statements, statement, 1), put(bankAccounts, bankAccount, ada), put(payees, person, saved)]
      await store.write(undefined, markAt(2), [
        changed(1, (first) => ({ ...first, puts: [...first.puts, ...puts] })),
        changed(2, (second) => ({ ...second, key: { ...keptOf(2), entry: opening } })),
      ])
      await store.close()
      const { store: again } = await openOn(context, disk)
      assert.deepEqual(again.mark(), markAt(2))
      assert.deepEqual(again.read(accounts, adaKey), account(2n))
      assert.deepEqual(again.keyEntry(keyOf(1)), keptOf(1).entry)
      assert.deepEqual(again.keyEntry(keyOf(2)), opening)
      assert.equal(again.read(statements, statement), 1)
      assert.deepEqual(again.read(payees, person), saved)
      assert.equal(again.read(bankAccounts, bankAccount), ada)
      assert.equal(again.keyEntry(keyOf(3)), undefined)
      assert.equal(again.read(accounts, accountKey('main', AccountId.parse('ben'))), undefined)
    })

    test('of each 32 records the fold behind is kept, for ever, and found from both sides', async (context) => {
      const disk = freshDisk(context)
      const { store } = await openOn(context, disk, 1)
      assert.deepEqual(store.foldsAround(1), { before: undefined, behind: undefined })
      await append(store, 100)
      await store.close()
      const { store: again } = await openOn(context, disk, 1)
      await append(again, 50)
      await append(again, 1, '2029-01-01T00:00:00.000Z')
      const around = (seq: number) => again.foldsAround(seq)
      const fold = (seq: number) => markAt(seq).fold
      for (const seq of [63, 94]) assert.deepEqual(around(seq), { before: fold(62), behind: fold(94) }, String(seq))
      assert.deepEqual(around(30), { before: undefined, behind: fold(30) })
      assert.deepEqual(around(127), { before: fold(126), behind: undefined })
      await again.clear()
      assert.deepEqual(around(126), { before: undefined, behind: undefined })
      await append(again, 40)
      assert.deepEqual(around(31), { before: fold(30), behind: undefined })
    })

    test('a large record, and one behind a long rest, have a kept fold on both sides', async (context) => {
      const { store } = await openOn(context, freshDisk(context))
      await append(store, 2)
      const large = { ...counted(3), size: 100_000 }
      await store.write(store.mark(), markAt(3), [large])
      const { fold } = markAt(4)
      const rested = { ...fold, offset: fold.offset + 50n, countedAt: fold.countedAt + 50n }
      await store.write(store.mark(), { fold: rested }, [{ ...counted(4), fold: rested }])
      const kept = [1, 3, 4, 5].map((seq) => store.foldsAround(seq).behind)
      assert.deepEqual(kept, [markAt(2).fold, markAt(3).fold, rested, undefined])
    })

    test('a state that another process wrote is left as it is', async (context) => {
      const disk = freshDisk(context)
      const { store: mine } = await openOn(context, disk)
      const { store: theirs } = await openOn(context, disk)
      await append(mine, 2)
      await assert.rejects(theirs.write(undefined, markAt(3), [counted(3)]), { code: 'state_moved' })
      await assert.rejects(mine.write(markAt(1), markAt(3), [counted(3)]), { code: 'state_moved' })
      assert.equal(mine.keyEntry(keyOf(3)), undefined)
      assert.deepEqual(mine.mark(), markAt(2))
    })

    test('a write that fails changes nothing', async (context) => {
      const { store } = await openOn(context, freshDisk(context))
      await append(store, 1)
      const broken = put(accounts, adaKey, undefined as unknown as AccountState)
      await assert.rejects(
        store.write(store.mark(), markAt(3), [
          changed(2, (second) => ({ ...second, puts: [putAccount(account(99n))] })),
          changed(3, (third) => ({ ...third, puts: [broken] })),
        ]),
      )
      assert.deepEqual(store.mark(), markAt(1))
      assert.equal(store.keyEntry(keyOf(2)), undefined)
      assert.deepEqual(store.read(accounts, adaKey), account(1n))
    })

    test('a state that is cleared holds nothing, and can be written again', async (context) => {
      const { store } = await openOn(context, freshDisk(context))
      for (let write = 0; write < rounds; write += 1) await append(store, 5)
      await store.clear()
      assert.equal(store.mark(), undefined)
      assert.deepEqual(known(store, 200), [])
      assert.equal(store.read(accounts, adaKey), undefined)
      assert.deepEqual(await store.check(), { kind: 'none' })
      await append(store, 1)
      assert.deepEqual(known(store, 200), [1])
      assert.deepEqual(await store.check(), { kind: 'sound' })
    })

    test('keys go once they are older than they are kept, and not a moment sooner', async (context) => {
      const { store } = await openOn(context, freshDisk(context), 400)
      await append(store, 1)
      await append(store, 1, '2026-01-02T00:00:00.000Z')
      // 400 days after 1 January 2026
      await append(store, 1, '2027-02-05T00:00:00.000Z')
      assert.deepEqual(known(store, 4), [1, 2, 3])
      await append(store, 1, '2027-02-05T00:00:00.001Z')
      assert.deepEqual(known(store, 4), [2, 3, 4])
    })

    test('keys do not go because the time of commits jumped', async (context) => {
      const { store } = await openOn(context, freshDisk(context), 400)
      await append(store, 2)
      const jumped = '2029-01-01T00:00:00.000Z'
      const { change, fold: jumpedFold } = counted(3, jumped)
      const fold = { ...jumpedFold, agedMs: 86_400_000 }
      await store.write(store.mark(), { fold }, [{ change, fold, size: 900 }])
      assert.deepEqual(known(store, 4), [1, 2, 3])
    })

    test('a backlog of old keys shrinks with every write', async (context) => {
      const { store } = await openOn(context, freshDisk(context), 400)
      await append(store, 6)
      const kept: number[][] = []
      for (let write = 0; write < 3; write += 1) {
        await append(store, 1, '2028-01-01T00:00:00.000Z')
        kept.push(known(store, 6))
      }
      assert.deepEqual(kept, [[3, 4, 5, 6], [5, 6], []])
    })

    test('a key that is in the log twice leads to the later place, and goes with it', async (context) => {
      const soon = '2026-02-01T00:00:00.000Z'
      for (const writes of [0, rounds]) {
        const { store } = await openOn(context, freshDisk(context), 400)
        await append(store, 1)
        for (let write = 0; write < writes; write += 1) await append(store, 1)
        const seq = writes + 2
        await store.write(store.mark(), markAt(seq, soon), [counted(seq, soon, keyOf(1))])
        for (let write = 0; write < writes; write += 1) await append(store, 1, soon)
        assert.deepEqual(await store.check(), { kind: 'sound' })
        // 400 days after the first of the two
        for (let write = 0; write < rounds; write += 1) await append(store, 10, '2027-02-06T00:00:00.000Z')
        assert.equal(store.keyEntry(keyOf(1))?.seq, seq)
        for (let write = 0; write < rounds; write += 1) await append(store, 10, '2027-04-01T00:00:00.000Z')
        assert.equal(store.keyEntry(keyOf(1)), undefined)
        assert.deepEqual(await store.check(), { kind: 'sound' })
      }
    })
  })
}

test('every key is found, in memory or on disk, before and after the state is opened again', async (context) => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('write' as const), commits: fc.integer({ min: 0, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const), commits: fc.constant(4_500) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const), commits: fc.constant(0) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 90, size: 'max' }), async (steps) => {
      const disk = { ...freshDisks.memory(context), check: async () => ({ kind: 'sound' as const }) }
      let { store } = await openOn(context, disk)
      let written = 0
      for (const { kind, commits } of steps) {
        if (kind === 'write') {
          await append(store, commits)
          written += commits
        } else {
          await store.close()
          store = (await openOn(context, disk)).store
        }
        const newest = Array.from({ length: Math.min(written, 30) }, (_, index) => written - index)
        for (const seq of newest) assert.equal(store.keyEntry(keyOf(seq))?.seq, seq)
        assert.equal(store.keyEntry(keyOf(written + 1)), undefined)
      }
      assert.equal(known(store, written + 1).length, written)
      await store.close()
    }),
    { numRuns: 8 },
  )
})

test('no key is lost however many writes lie between it and the moment the state is opened again', async (context) => {
  for (const count of [300, 4_500]) {
    for (let writes = 0; writes <= 34; writes += 1) {
      const disk = { ...freshDisks.memory(context), check: async () => ({ kind: 'sound' as const }) }
      const { store } = await openOn(context, disk)
      await append(store, count)
      for (let write = 0; write < writes; write += 1) await append(store, 1)
      await store.close()
      const { store: again } = await openOn(context, disk)
      assert.equal(known(again, count).length, count, `${count} keys, ${writes} writes later`)
      await again.close()
    }
  }
})
