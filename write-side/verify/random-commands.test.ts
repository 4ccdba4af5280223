import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstHash, nextHash } from '@micropay/event-log/fold'
import { type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import {
  ACCOUNT_KEY_GENERATION,
  broughtCommand,
  EVENT_GENERATION,
  LEGS_GENERATION,
} from '@micropay/schemas/log/generations'
import { decodeRecord, encodeCommit } from '@micropay/schemas/log/ledger-record'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import { decide, generationOf, type LedgerCommand, originalOf, placeOf } from '../decide/decide.ts'
import { eventOf } from '../decide/ledger.ts'
import { emptyLedger, type Overlay, overlayOn } from '../decide/overlay.ts'
import { changeOf } from '../state/partition-state.ts'
import { type Drawn, drawnCommands, names, type Tenant, tenants } from './commands.fixture.ts'
import { createJudge } from './judge.ts'
import { givenBackBy } from './judge-commit.ts'

const context = { ledgerId: 'drawn', partition: 0 }

/** The ledger as deciding left it, the same from the bytes that were written, and the balances that entries show. */
type Run = {
  readonly generation: number
  readonly decided: Overlay
  readonly read: Overlay
  /** By tenant and account. */
  readonly shown: Map<string, bigint>
  readonly judge: ReturnType<typeof createJudge>
  readonly seen: Map<string, number>
  readonly commits: Commit[]
  seq: number
  hash: string
}

for (const generation of [1, LEGS_GENERATION - 1, ACCOUNT_KEY_GENERATION - 1, EVENT_GENERATION]) {
  test(`whatever is asked of a ledger of generation ${generation}, it adds up, and its log leads to its state`, () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(drawnCommands, (commands) => {
        const run: Run = {
          ...{ generation, decided: overlayOn(emptyLedger), read: overlayOn(emptyLedger), shown: new Map() },
          ...{ judge: createJudge(0), seen, commits: [], seq: 0, hash: firstHash(context.ledgerId, 0) },
        }
        for (const drawn of commands) {
          take(run, drawn)
          checkSums(run)
          assert.deepEqual(stateOf(run.read), stateOf(run.decided))
        }
      }),
      { numRuns: 500 },
    )
    const all = [
      'MakePayment accepted',
      'MakePayment insufficient_funds',
      'CloseAccount accepted',
      'SavePayee accepted',
    ]
    const refunds = ['RefundPayment accepted', 'RefundPayment refund_exceeds_payment', 'a part']
    const checks = generation < broughtCommand('CheckPayee') ? [] : ['CheckPayee accepted']
    const newer = [
      ...refunds,
      ...checks,
      'legs accepted',
      'legs assertion_failed',
      'legs account_not_found',
      'a leg of zero',
    ]
    const must = generation >= LEGS_GENERATION ? [...all, ...newer] : [...all, 'generation_not_raised']
    const apart = ['OpenAccount accepted', 'MakePayment accepted', 'SavePayee accepted']
    const others = generation < ACCOUNT_KEY_GENERATION ? ['OpenAccount account_exists'] : apart
    for (const what of [...must, ...others.map((each) => `other: ${each}`)])
      assert.ok((seen.get(what) ?? 0) > 20, `${what}: ${seen.get(what)} times`)
  })
}

function take(run: Run, { tenant, subject, mayBook, ask }: Drawn): void {
  const posted = run.commits.flatMap(({ events }) => eventOf(events, 'PaymentPosted')?.data.paymentId ?? [])
  const command = ask(run.decided, posted, tenant)
  if (!command) return
  if (generationOf(command) > run.generation) {
    note(run, 'generation_not_raised')
    return
  }
  const commit = commitOf(run, command, { tenant, subject, mayBook })
  const bytes = encodeCommit(context, placeOf(command, run.generation), commit, run.generation)
  run.seq = commit.seq
  run.commits.push(commit)
  run.hash = nextHash(run.hash, bytes)
  run.decided.put(changeOf(commit, run.decided).puts)
  const record = decodeRecord(bytes)
  assert.ok(record.kind === 'commit')
  assert.deepEqual(record.commit, commit)
  run.read.put(changeOf(record.commit, run.read).puts)
  const original = standingAt(run, givenBackBy(record.commit))
  assert.deepEqual(run.judge.take(record.commit, { generation: run.generation, agedMs: 0, original }), [])
  for (const event of record.commit.events) {
    for (const { account, amount, stands } of event.type === 'PaymentPosted' ? event.data.legs : []) {
      const key = `${tenant} ${account}`
      const balance = (run.shown.get(key) ?? 0n) + BigInt(amount)
      run.shown.set(key, balance)
      if (stands !== undefined) assert.equal(balance, BigInt(stands))
    }
  }
}

function standingAt({ commits }: Run, paymentId: PaymentId | undefined): Commit | undefined {
  return paymentId && commits[placeOfId(paymentId).seq - 1]
}

function commitOf(run: Run, command: LedgerCommand, giver: Omit<Drawn, 'ask'>): Commit {
  const { tenant, subject } = giver
  const { generation, hash: previousHash } = run
  const seq = run.seq + 1
  const decidedAt = new Date(Date.UTC(2026, 2, 1) + seq).toISOString()
  const original = standingAt(run, originalOf(command, run.decided))
  const facts = { ...giver, decidedAt, paymentId: paymentIdAt(0, seq), generation, original }
  const decision = decide(command, run.decided, facts)
  const { kind, ...rejection } = { code: '', ...decision }
  if (command.type === 'RefundPayment' && command.data.amount && kind === 'accepted') note(run, 'a part')
  const isLegs = command.type === 'MakePayment' && command.data.legs !== undefined
  note(run, `${tenant === 'main' ? '' : 'other: '}${command.type} ${rejection.code || kind}`)
  if (isLegs) note(run, `legs ${rejection.code || kind}`)
  if (isLegs && kind === 'accepted' && command.data.legs?.some(({ amount }) => amount === '0'))
    note(run, 'a leg of zero')
  const head = { epoch: 1, seq, previousHash, decidedAt, tenant, actor: { subject, client: 'test' } }
  const key = { command: { type: command.type }, idempotencyKey: `key-${seq}`, requestHash: 'A'.repeat(22) }
  if (decision.kind === 'accepted') {
    return { ...head, ...key, outcome: { kind: 'accepted' }, events: [...decision.events] }
  }
  return { ...head, ...key, outcome: decision, events: [] }
}

function note({ seen }: Run, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

function checkSums(run: Run): void {
  for (const tenant of tenants) checkSumsOf(tenant, run)
}

function checkSumsOf(tenant: Tenant, { decided, shown }: Run): void {
  const sums = new Map<string, bigint>()
  for (const name of names) {
    const account = decided.read(accounts, accountKey(tenant, name))
    assert.equal(account?.balanceMinor ?? 0n, shown.get(`${tenant} ${name}`) ?? 0n)
    if (!account) continue
    const { currency, balanceMinor, overdraftLimit } = account
    sums.set(currency, (sums.get(currency) ?? 0n) + balanceMinor)
    assert.ok(overdraftLimit === 'unlimited' || balanceMinor >= -BigInt(overdraftLimit), name)
  }
  for (const sum of sums.values()) assert.equal(sum, 0n)
}

/** All tables, by their names. */
function stateOf(ledger: Overlay): object {
  const layer = ledger.take()
  ledger.hold(layer)
  return Object.fromEntries(Array.from(layer, ([table, values]) => [table.name, Object.fromEntries(values)]))
}
