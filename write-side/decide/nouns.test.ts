import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { z } from 'zod'
import { accountKey, accounts } from './account.ts'
import type { AccountState } from './account-state.ts'
import { evolve } from './evolve.ts'
import type { LedgerView, StateTable } from './ledger.ts'
import { putFactsKnown } from './ledger-facts.ts'
import { folds, stateTables } from './nouns.ts'
import { emptyLedger } from './overlay.ts'
import { payees } from './payee.ts'
import { forgetBelow } from './steps.ts'

const folder = resolve(import.meta.dirname, '../../schemas/log/fixtures')
/** One commit of each event that there ever was, byte for byte. */
const commits = globSync('*.json', { cwd: folder }).flatMap((name) => {
  const { bytes } = z.object({ bytes: z.string() }).parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))
  const decoded = decodeRecord(new TextEncoder().encode(bytes))
  return decoded.kind === 'commit' ? [decoded.commit] : []
})
const events = commits.flatMap((commit) => commit.events)
const open: AccountState = {
  ...{ accountId: AccountId.parse('any'), tenant: 'default', type: 'customer', currency: 'EUR', status: 'open' },
  ...{ owner: OwnerId.parse('customer:ada'), overdraftLimit: 'unlimited', balanceMinor: 0n },
  ...{ heldMinor: 10_000n, dueMinor: 10_000n },
}

const actor = { subject: 'operator:olga', client: 'test' }
const facts = { tenant: 'default', seq: 1, actor, hash: '' }

/** Every account is there but the one that an event opens, and what an event takes away or goes on with was there. */
function viewBefore(event: LedgerEvent): LedgerView {
  const opened = event.type === 'AccountOpened' ? accountKey(facts.tenant, event.data.accountId) : undefined
  const there: Readonly<Record<string, unknown>> = {
    [payees.name]: event.type === 'PayeeRemoved' ? [event.data] : undefined,
    'closed-periods': event.type === 'PeriodReopened' ? [event.data] : undefined,
    closings: event.type === 'PeriodSealed' ? [event.data] : undefined,
    'imported-statements': event.type === 'StatementWithdrawn' ? { statementId: event.data.statementId } : undefined,
    sagas: { state: 'asked', participants: [0, 1], legs: [{ account: 'any', amount: '-1', currency: 'EUR' }] },
    steps: wasPromised(event) ? { state: 'prepared' } : undefined,
    proposals: event.type === 'CommandApproved' || event.type === 'CommandRefused' ? { status: 'open' } : undefined,
  }
  const read = (table: StateTable<never, unknown>, key: unknown): unknown =>
    table.name === accounts.name && key !== opened ? open : there[table.name]
  return { read: read as LedgerView['read'] }
}

function wasPromised(event: LedgerEvent): boolean {
  return event.type === 'LegsPosted' ? event.data.promised : event.type === 'LegsReleased'
}

test('what an event changes stands in a table that is kept: one that is missing from the list would lose it', () => {
  const changed = new Set<string>()
  for (const event of events) {
    // Of payments that another partition coordinates, and of its own; what holds for all is decided on the first.
    for (const partition of [0, 3]) {
      for (const { table } of evolve(event, viewBefore(event), { ...facts, partition })) changed.add(table.name)
    }
  }
  for (const { command, causes: [cause] = [], low } of commits) {
    if (command.type === 'TakeFact' && cause) changed.add(putFactsKnown(cause.seq).table.name)
    if (!cause || low === undefined) continue
    for (const { table } of forgetBelow(cause.partition, low, emptyLedger)) changed.add(table.name)
  }
  assert.deepEqual([...new Set(events.map(({ type }) => type))].sort(), Object.keys(folds).sort())
  assert.deepEqual([...changed].sort(), stateTables.map(({ name }) => name).sort())
})
