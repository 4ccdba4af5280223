import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { initialFold, storeFold } from '@micropay/event-log/fold-state'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import fc from 'fast-check'
import { open as openDatabase } from 'lmdb'
import { type AccountState, accounts, putAccount } from '../decide/account.ts'
import { put } from '../decide/ledger.ts'
import { payees } from '../decide/payee.ts'
import { bankAccounts, statements } from '../decide/statement.ts'
import type { StateChange } from './partition-state.ts'
import { openStateStore, type StateMark, type StateStore } from './state-store.ts'

const opened = new Set<StateStore>()
const directories: string[] = []
afterEach(async () => {
  await Promise.all(Array.from(opened, close))
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-state-'))
  directories.push(directory)
  return directory
}

function open(directory: string, retentionDays?: number): StateStore {
  const store = openStateStore(directory, 0, retentionDays)
  opened.add(store)
  return store
}

async function close(store: StateStore): Promise<void> {
  opened.delete(store)
  await store.close()
}

const ada = AccountId.parse('ada')
const newYear = '2026-01-01T00:00:00.000Z'

function account(balanceMinor: bigint): AccountState {
  return {
    accountId: ada,
    tenant: 'main',
    type: 'customer',
    currency: 'EUR',
    owner: OwnerId.parse('customer:ada'),
    status: 'open',
    overdraftLimit: 'unlimited',
    balanceMinor,
  }
}

function change(seq: number, decidedAt = newYear, scopedKey = keyOf(seq)): StateChange {
  const keyEntry = { seq, requestHash: `hash ${seq}`, decidedAt, paymentKind: 'transfer' as const }
  return { scopedKey, keyEntry, puts: [putAccount(account(BigInt(seq)))] }
}

const keyOf = (seq: number) => `main\nclient\nada\nkey ${seq}`

function markAt(seq: number, lastDecidedAt = newYear): StateMark {
  return {
    fold: {
      ...{ ...initialFold(0), seq, offset: BigInt(seq + 2), hash: `hash after ${seq}` },
      ...{ countedAt: BigInt(seq + 1), previousHash: `hash after ${seq - 1}`, decidedAt: lastDecidedAt },
    },
  }
}

/** Writes `count` commits behind what is there. */
async function append(store: StateStore, count: number, decidedAt = newYear): Promise<void> {
  const from = store.mark()
  const seq = from?.fold.seq ?? 0
  const changes = Array.from({ length: count }, (_, index) => change(seq + index + 1, decidedAt))
  await store.write(from, markAt(seq + count, decidedAt), changes)
}

function known(store: StateStore, upTo: number): number[] {
  return Array.from({ length: upTo }, (_, index) => index + 1).filter((seq) => store.keyEntry(keyOf(seq))?.seq === seq)
}

test('what was written is there when the state is opened again', async () => {
  const directory = freshDirectory()
  const store = open(directory)
  const saved = [{ alias: 'me', accountId: ada }]
  const opening = { ...change(2).keyEntry, account: { ...account(7n), balanceMinor: '7' } }
  const [statement, bankAccount, person] = [
    { accountId: ada, statementId: 's1' },
    { tenant: 'main', iban: 'NL1', currency: 'EUR' },
    { tenant: 'main', owner: 'ada' },
  ]
  const first = {
    ...change(1),
    puts: [
      ...change(1).puts,
      put(statements, statement, 1),
      put(bankAccounts, bankAccount, ada),
      put(payees, person, saved),
    ],
  }
  await store.write(undefined, markAt(2), [first, { ...change(2), keyEntry: opening }])
  await close(store)
  const again = open(directory)
  assert.deepEqual(again.mark(), markAt(2))
  assert.deepEqual(again.read(accounts, ada), account(2n))
  assert.deepEqual(again.keyEntry(keyOf(1)), change(1).keyEntry)
  assert.deepEqual(again.keyEntry(keyOf(2)), opening)
  assert.equal(again.read(statements, statement), 1)
  assert.deepEqual(again.read(payees, person), saved)
  assert.equal(again.read(bankAccounts, bankAccount), ada)
  assert.equal(again.keyEntry(keyOf(3)), undefined)
  assert.equal(again.read(accounts, AccountId.parse('ben')), undefined)
})

test('what stands on disk in a state of version 5 is served as it is', async () => {
  const directory = freshDirectory()
  const root = openDatabase({ path: join(directory, 'partition-0-v5'), maxDbs: 8 })
  const { balanceMinor: _, ...stored } = account(0n)
  await root.openDB({ name: 'accounts' }).put('ada', { ...stored, balanceMinor: '-7' })
  await root.openDB({ name: 'statements' }).put('ada\nday-1', 3)
  await root.openDB({ name: 'bank-accounts' }).put('main\nNL1\nEUR', 'ada')
  await root.openDB({ name: 'payees' }).put('main\ncustomer:ada', [{ alias: 'me', accountId: 'ada' }])
  const entry = { scopedKey: keyOf(1), requestHash: 'hash 1', decidedAt: newYear }
  await root.openDB({ name: 'key-entries' }).put(1, { ...entry, account: { ...stored, balanceMinor: '0' } })
  const mark = { version: 5, fold: storeFold(markAt(1).fold), unindexedFrom: 1 }
  await root.openDB({ name: 'meta', encoding: 'json' }).put('mark', mark)
  await root.close()
  const store = open(directory)
  assert.deepEqual(store.mark(), markAt(1))
  assert.deepEqual(store.read(accounts, ada), account(-7n))
  assert.equal(store.read(statements, { accountId: ada, statementId: 'day-1' }), 3)
  assert.equal(store.read(bankAccounts, { tenant: 'main', iban: 'NL1', currency: 'EUR' }), ada)
  assert.deepEqual(store.read(payees, { tenant: 'main', owner: 'customer:ada' }), [{ alias: 'me', accountId: ada }])
  const opening = { seq: 1, requestHash: 'hash 1', decidedAt: newYear, account: { ...stored, balanceMinor: '0' } }
  assert.deepEqual(store.keyEntry(keyOf(1)), opening)
})

test('a state that another process wrote is left as it is', async () => {
  const store = open(freshDirectory())
  await append(store, 2)
  await assert.rejects(store.write(markAt(1), markAt(3), [change(3)]), { code: 'state_moved' })
  assert.equal(store.keyEntry(keyOf(3)), undefined)
  assert.deepEqual(store.mark(), markAt(2))
})

test('a write that fails changes nothing', async () => {
  const store = open(freshDirectory())
  await append(store, 1)
  const broken = { ...change(3), puts: [put(accounts, ada, undefined as unknown as AccountState)] }
  const more = { ...change(2), puts: [putAccount(account(99n))] }
  await assert.rejects(store.write(store.mark(), markAt(3), [more, broken]))
  assert.deepEqual(store.mark(), markAt(1))
  assert.equal(store.keyEntry(keyOf(2)), undefined)
  assert.deepEqual(store.read(accounts, ada), account(1n))
})

test('a state of another version leaves nothing behind', async () => {
  const directory = freshDirectory()
  const others = ['partition-0', 'partition-0-v3', 'partition-0-v44']
  const kept = ['partition-00', 'partition-1', 'partition-1-v3', 'partition-0-v4-by-hand']
  for (const name of [...others, ...kept]) mkdirSync(join(directory, name))
  const store = open(directory)
  await append(store, 1)
  const [current, ...left] = readdirSync(directory).filter((name) => !kept.includes(name))
  assert.match(current ?? '', /^partition-0-v[0-9]+$/)
  assert.deepEqual(left, [])
  await close(store)
  assert.deepEqual(known(open(directory), 1), [1])
})

test('a state that is cleared holds nothing, and can be written again', async () => {
  const store = open(freshDirectory())
  for (let write = 0; write < 40; write += 1) await append(store, 5)
  await store.clear()
  assert.equal(store.mark(), undefined)
  assert.deepEqual(known(store, 200), [])
  assert.equal(store.read(accounts, ada), undefined)
  await append(store, 1)
  assert.deepEqual(known(store, 200), [1])
})

test('every key is found, in memory or on disk, before and after the state is opened again', async () => {
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
      const directory = freshDirectory()
      let store = open(directory)
      let written = 0
      for (const { kind, commits } of steps) {
        if (kind === 'write') {
          await append(store, commits)
          written += commits
        } else {
          await close(store)
          store = open(directory)
        }
        const newest = Array.from({ length: Math.min(written, 30) }, (_, index) => written - index)
        for (const seq of newest) assert.equal(store.keyEntry(keyOf(seq))?.seq, seq)
        assert.equal(store.keyEntry(keyOf(written + 1)), undefined)
      }
      assert.equal(known(store, written + 1).length, written)
      await close(store)
    }),
    { numRuns: 15 },
  )
})

test('keys go once they are older than they are kept, and not a moment sooner', async () => {
  const store = open(freshDirectory(), 400)
  await append(store, 1)
  await append(store, 1, '2026-01-02T00:00:00.000Z')
  // 400 days after 1 January 2026
  await append(store, 1, '2027-02-05T00:00:00.000Z')
  assert.deepEqual(known(store, 4), [1, 2, 3])
  await append(store, 1, '2027-02-05T00:00:00.001Z')
  assert.deepEqual(known(store, 4), [2, 3, 4])
})

test('a backlog of old keys shrinks with every write', async () => {
  const store = open(freshDirectory(), 400)
  await append(store, 6)
  const kept: number[][] = []
  for (let write = 0; write < 3; write += 1) {
    await append(store, 1, '2028-01-01T00:00:00.000Z')
    kept.push(known(store, 6))
  }
  assert.deepEqual(kept, [[3, 4, 5, 6], [5, 6], []])
})

test('no key is lost however many writes lie between it and the moment the state is opened again', async () => {
  for (const count of [300, 4_500]) {
    for (let writes = 0; writes <= 34; writes += 1) {
      const directory = freshDirectory()
      const store = open(directory)
      await append(store, count)
      for (let write = 0; write < writes; write += 1) await append(store, 1)
      await close(store)
      const again = open(directory)
      assert.equal(known(again, count).length, count, `${count} keys, ${writes} writes later`)
      await close(again)
    }
  }
})

test('a key that is in the log twice leads to the later place, and goes with it', async () => {
  const soon = '2026-02-01T00:00:00.000Z'
  for (const writes of [0, 40]) {
    const store = open(freshDirectory(), 400)
    await append(store, 1)
    for (let write = 0; write < writes; write += 1) await append(store, 1)
    const seq = writes + 2
    await store.write(store.mark(), markAt(seq, soon), [change(seq, soon, keyOf(1))])
    for (let write = 0; write < writes; write += 1) await append(store, 1, soon)
    // 400 days after the first of the two
    for (let write = 0; write < 40; write += 1) await append(store, 10, '2027-02-06T00:00:00.000Z')
    assert.equal(store.keyEntry(keyOf(1))?.seq, seq)
    for (let write = 0; write < 40; write += 1) await append(store, 10, '2027-04-01T00:00:00.000Z')
    assert.equal(store.keyEntry(keyOf(1)), undefined)
  }
})
