import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { legsOf } from '@micropay/schemas/log/payment-versions'
import { statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import type { AccountState } from '../decide/account-state.ts'
import type { LedgerView } from '../decide/ledger.ts'
import { emptyLedger, type Overlay, overlayOn } from '../decide/overlay.ts'
import { payees } from '../decide/payee.ts'
import { bankAccounts, statements } from '../decide/statement.ts'
import { changeOf } from './partition-state.ts'

const tenant = 'main'
const ids = ['a', 'b', 'c'].map((id) => AccountId.parse(id))
const owner = OwnerId.parse('customer:ada')
const aliases = ['Ben', 'Zoë']
const iban = 'NL08INGB0000001234'

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('open', 'pay', 'freeze', 'unfreeze', 'close', 'import', 'save', 'remove'),
    index: fc.nat(),
    amount: fc.integer({ min: 1, max: 1_000 }),
  }),
  { minLength: 1, maxLength: 60 },
)

test('a commit of many events of many nouns leaves what its events leave one commit each', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (wanted, sizes) => {
      const events = fittingEvents(wanted)
      const together = overlayOn(emptyLedger)
      const apart = overlayOn(emptyLedger)
      for (let from = 0, seq = 1; from < events.length; seq += 1) {
        const part = events.slice(from, from + (sizes[seq % sizes.length] ?? 1))
        from += part.length
        count(together, commitOf(part, seq))
        for (const event of part) count(apart, commitOf([event], seq))
        assert.deepEqual(stateIn(together, events), stateIn(apart, events))
      }
    }),
  )
})

test('an account that a commit opens is paid and frozen by the same commit, and saved as a payee', () => {
  const [a, b] = [ids[0] as AccountId, ids[1] as AccountId]
  const saved: LedgerEvent = { type: 'PayeeSaved', version: 1, data: { owner, alias: 'Ben', accountId: b } }
  const frozen: LedgerEvent = { type: 'AccountFrozen', version: 2, data: { accountId: b, direction: 'all' } }
  const ledger = overlayOn(emptyLedger)
  count(ledger, commitOf([opened(a), opened(b), paid(a, b, 250), frozen, saved], 1))
  assert.deepEqual(
    ids
      .map((id) => ledger.read(accounts, accountKey(tenant, id)))
      .map((account) => [account?.balanceMinor, account?.status]),
    [
      [-250n, 'open'],
      [250n, 'frozen'],
      [undefined, undefined],
    ],
  )
  assert.deepEqual(ledger.read(payees, { tenant, owner }), [{ alias: 'Ben', accountId: b }])
})

function count(ledger: Overlay, commit: Commit): void {
  ledger.put(changeOf(commit, ledger, { partition: 0, hash: '' }).puts)
}

function stateIn(ledger: LedgerView, events: readonly LedgerEvent[]) {
  const imported = events.flatMap((event) => (event.type === 'StatementImported' ? [event.data] : []))
  return {
    accounts: ids.map((id): AccountState | undefined => ledger.read(accounts, accountKey(tenant, id))),
    statements: imported.map(({ accountId, statementId }) =>
      ledger.read(statements, { account: accountKey(tenant, accountId), statementId }),
    ),
    bankAccounts: imported.map(({ currency, personal: { data } }) =>
      ledger.read(bankAccounts, { tenant, iban: data.iban, currency }),
    ),
    payees: ledger.read(payees, { tenant, owner }),
  }
}

/** The steps as events, without those that no decision would have led to. */
function fittingEvents(wanted: readonly { kind: string; index: number; amount: number }[]): LedgerEvent[] {
  const open: AccountId[] = []
  const saved = new Set<string>()
  return wanted.flatMap(({ kind, index, amount }, step): LedgerEvent[] => {
    const accountId = open[index % open.length]
    if (kind === 'open') {
      const next = ids[open.length]
      if (!next) return []
      open.push(next)
      return [opened(next)]
    }
    if (!accountId) return []
    if (kind === 'pay') return [paid(accountId, open[(index + 1) % open.length] ?? accountId, amount)]
    if (kind === 'freeze') return [{ type: 'AccountFrozen', version: 2, data: { accountId, direction: 'all' } }]
    if (kind === 'unfreeze') return [{ type: 'AccountUnfrozen', version: 2, data: { accountId } }]
    if (kind === 'close') return [{ type: 'AccountClosed', version: 2, data: { accountId } }]
    if (kind === 'import') return [imported(accountId, `day-${step}`)]
    const alias = aliases[index % aliases.length] ?? ''
    if (saved.has(alias) === (kind === 'save')) return []
    if (kind === 'save') saved.add(alias)
    else saved.delete(alias)
    const type = kind === 'save' ? 'PayeeSaved' : 'PayeeRemoved'
    return [{ type, version: 1, data: { owner, alias, accountId } }]
  })
}

function opened(accountId: AccountId): LedgerEvent {
  const data = { accountId, type: 'external' as const, currency: 'EUR', owner, overdraftLimit: 'unlimited' }
  return { type: 'AccountOpened', version: 2, data }
}

function paid(from: AccountId, to: AccountId, amount: number): LedgerEvent {
  const data = {
    paymentId: paymentIdAt(0, 1),
    kind: 'transfer' as const,
    legs: legsOf([{ from, to, amount: String(amount), currency: 'EUR' }]),
    effectiveAt: '2026-03-01T09:30:00.000Z',
  }
  return { type: 'PaymentPosted', version: 2, data }
}

function imported(accountId: AccountId, statementId: string): LedgerEvent {
  const period = { from: '2026-03-01', to: '2026-03-01', opening: '0', closing: '0' }
  const data = statementFromV1({ accountId, statementId, iban, currency: 'EUR', ...period, lines: [] })
  return { type: 'StatementImported', version: 2, data }
}

function commitOf(events: LedgerEvent[], seq: number): Commit {
  return {
    ...{ epoch: 1, seq, previousHash: '', decidedAt: '2026-03-01T09:30:00.000Z', tenant },
    actor: { subject: 'operator:olga', client: 'test' },
    command: { type: 'MakePayment' },
    ...{ idempotencyKey: `key-${seq}`, requestHash: 'hash' },
    outcome: { kind: 'accepted' },
    events,
  }
}
