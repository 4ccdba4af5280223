import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { initialFold } from '@micropay/event-log/fold-state'
import { systemClock } from '@micropay/runtime/clock'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { PLACEMENT } from '@micropay/schemas/placement'
import { accountKey, putAccount } from '../decide/account.ts'
import type { AccountState } from '../decide/account-state.ts'
import { lmdbDisk } from './lmdb/disk.ts'
import type { StateMark } from './mark.ts'
import { createMemoryDisk } from './memory/disk.ts'
import type { StateChange } from './partition-state.ts'
import { type OpenedState, openStateStore, type StateStore } from './state-store.ts'
import type { StateDisk } from './tables.ts'
import type { CountedChange } from './write-changes.ts'

/** A directory that is gone after the test. */
export function freshDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-state-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Every kind of disk: the rules are the same over all. */
export const freshDisks = {
  LMDB: (context: TestContext) => lmdbDisk(freshDirectory(context), 0, systemClock),
  memory: (_context: TestContext) => createMemoryDisk({ clock: systemClock }),
}

const genesis = { ledgerId: 'main', partition: 0, partitions: 1, placement: PLACEMENT, hash: 'sha-256' as const }

export const expected = { ledgerId: 'main', partition: 0 }

/** Opens the state, and closes it after the test unless that did. */
export async function openOn(context: TestContext, disk: StateDisk, keyRetentionDays = 400): Promise<OpenedState> {
  const { store, found } = await openStateStore(disk, { ...expected, keyRetentionDays })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= store.close()
    return closed
  }
  context.after(close)
  return { store: { ...store, close }, found }
}

export const ada = AccountId.parse('ada')
export const adaKey = accountKey('main', ada)
export const newYear = '2026-01-01T00:00:00.000Z'

export function account(balanceMinor: bigint): AccountState {
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
  const entry = { seq, requestHash: `hash ${seq}`, decidedAt, paymentKind: 'transfer' as const }
  const key = { scopedKey, entry }
  return { key, answered: [], stepped: [], decidedAt, puts: [putAccount(account(BigInt(seq)))] }
}

export const keyOf = (seq: number) => `main\nclient\nada\nkey ${seq}`

/** How much older than in the new year the ledger's keys are, where no step of its time was over a day. */
const agedMsAt = (decidedAt: string) => Date.parse(decidedAt) - Date.parse(newYear)

/** A commit as it is written, which leaves the account with a balance of its own number. */
export function counted(seq: number, decidedAt = newYear, scopedKey = keyOf(seq)): CountedChange {
  return { change: change(seq, decidedAt, scopedKey), fold: markAt(seq, decidedAt).fold, size: 900 }
}

export function markAt(seq: number, decidedAt = newYear): StateMark {
  return {
    fold: {
      ...{ ...initialFold(0), seq, offset: BigInt(seq + 2), hash: `hash after ${seq}` },
      ...{ countedAt: BigInt(seq + 1), previousHash: `hash after ${seq - 1}`, decidedAt },
      ...{ agedMs: agedMsAt(decidedAt), genesis },
    },
  }
}

/** Writes `count` commits behind what is there. */
export async function append(store: StateStore, count: number, decidedAt = newYear): Promise<void> {
  const from = store.mark()
  const seq = from?.fold.seq ?? 0
  const changes = Array.from({ length: count }, (_, index) => counted(seq + index + 1, decidedAt))
  await store.write(from, markAt(seq + count, decidedAt), changes)
}

export function known(store: StateStore, upTo: number): number[] {
  return Array.from({ length: upTo }, (_, index) => index + 1).filter((seq) => store.keyEntry(keyOf(seq))?.seq === seq)
}
