import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstHash, nextHash } from '@micropay/event-log/fold'
import { type AccountId, type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { ACCOUNT_KEY_GENERATION, EVENT_GENERATION, LEGS_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord, encodeCommit, GenerationError } from '@micropay/schemas/log/ledger-record'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import { decide, generationOf, type LedgerCommand, originalOf, placeOf } from '../decide/decide.ts'
import { type DecisionFacts, eventOf } from '../decide/ledger.ts'
import { emptyLedger, type Overlay, overlayOn } from '../decide/overlay.ts'
import { changeOf } from '../state/partition-state.ts'
import { type Drawn, drawnCommands, type Known, names, type Tenant, tenants } from './commands.fixture.ts'
import { createJudge } from './judge.ts'
import { givenBackBy } from './judge-commit.ts'
import { checkLimits, createModelRules } from './model-rules.fixture.ts'

const context = { ledgerId: 'drawn', partition: 0 }

/** The ledger as deciding left it, the same from the bytes that were written, and the balances that entries show. */
type Run = {
  readonly generation: number
  readonly decided: Overlay
  readonly read: Overlay
  /** By tenant and account. */
  readonly shown: Map<string, bigint>
  readonly rules: ReturnType<typeof createModelRules>
  readonly judge: ReturnType<typeof createJudge>
  readonly seen: Map<string, number>
  readonly commits: Commit[]
  readonly log: Uint8Array[]
  nowMs: number
  seq: number
  hash: string
}

for (const generation of [1, LEGS_GENERATION - 1, ACCOUNT_KEY_GENERATION - 1, EVENT_GENERATION]) {
  test(`whatever is asked of a ledger of generation ${generation}, it adds up, and its log leads to its state`, () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(drawnCommands, (commands) => {
        const run = begin(generation, seen)
        for (const drawn of commands) {
          take(run, drawn)
          checkSums(run)
          assert.deepEqual(stateOf(run.read), stateOf(run.decided))
        }
        assert.deepEqual(stateOf(foldedAnew(run.log)), stateOf(run.decided))
      }),
      { numRuns: 300 },
    )
    const must = generation === EVENT_GENERATION ? ofTheNewest : ofEarlier
    for (const what of [...ofAll, ...must]) assert.ok((seen.get(what) ?? 0) > 0, `${what}: ${seen.get(what)} times`)
  })
}

const ofAll = ['MakePayment accepted', 'MakePayment insufficient_funds', 'CloseAccount accepted', 'SavePayee accepted']
const ofEarlier = ['generation_not_raised', 'OpenAccount of an id of both: account_exists']
const ofTheNewest = [
  ...['legs accepted', 'legs assertion_failed', 'legs account_not_found', 'a leg of zero', 'a part'],
  ...['MakePayment period_closed', 'MakePayment value_date_in_future', 'MakePayment payee_not_payable'],
  ...['MakePayment proposed', 'MakePayment approved', 'MakePayment account_frozen'],
  ...['RefundPayment accepted', 'RefundPayment refund_exceeds_payment', 'RefundPayment refund_not_possible'],
  ...['RefundPayment payment_not_found', 'ReopenPeriod proposed', 'ReopenPeriod period_not_closed'],
  ...['ClosePeriod accepted', 'ClosePeriod period_in_future', 'ClosePeriod period_already_closed'],
  ...['ClosePeriod period_gap', 'ClosePeriod period_changed', 'SetZone accepted', 'SetPolicy accepted'],
  ...['ApproveCommand accepted', 'ApproveCommand approval_by_maker', 'ApproveCommand proposal_decided'],
  ...['ApproveCommand proposal_lapsed', 'ApproveCommand proposal_not_found', 'RefuseCommand accepted'],
  ...['ChangeAccount accepted', 'SetAccountFlag accepted', 'FreezeAccount accepted', 'CheckPayee accepted'],
  ...['OpenAccount of an id of both: accepted', 'MakePayment of an id of both: accepted'],
]

function begin(generation: number, seen: Map<string, number>): Run {
  return {
    ...{ generation, seen, decided: overlayOn(emptyLedger), read: overlayOn(emptyLedger), shown: new Map() },
    ...{ judge: createJudge(0), rules: createModelRules(), commits: [], log: [] },
    ...{ nowMs: Date.UTC(2026, 2, 1, 9), seq: 0, hash: firstHash(context.ledgerId, 0) },
  }
}

function take(run: Run, drawn: Drawn): void {
  run.nowMs += drawn.laterMs
  const command = drawn.ask(run.decided, knownOf(run, drawn.tenant))
  if (!command) return
  if (generationOf(command) > run.generation) {
    note(run, 'generation_not_raised')
    return
  }
  const commit = commitOf(run, command, drawn)
  const bytes = writtenBy(run, command, commit)
  if (!bytes) return
  run.seq = commit.seq
  run.commits.push(commit)
  run.log.push(bytes)
  run.hash = nextHash(run.hash, bytes)
  const { puts } = changeOf(commit, run.decided, { partition: 0, hash: '' })
  const after = overlayOn(run.decided)
  after.put(puts)
  checkLimits(commit, run.decided, after)
  run.decided.put(puts)
  run.rules.take(commit)
  const read = readFrom(bytes)
  assert.deepEqual(read, commit)
  run.read.put(changeOf(read, run.read, { partition: 0, hash: '' }).puts)
  const original = standingAt(run, givenBackBy(read))
  assert.deepEqual(run.judge.take(read, { generation: run.generation, agedMs: 0, original }), [])
  for (const event of read.events) {
    for (const { account, amount, stands } of event.type === 'PaymentPosted' ? event.data.legs : []) {
      const key = accountKey(read.tenant, account)
      const balance = (run.shown.get(key) ?? 0n) + BigInt(amount)
      run.shown.set(key, balance)
      if (stands !== undefined) assert.equal(balance, BigInt(stands))
    }
  }
}

/** Undefined where the generation of the ledger has no words for it. */
function writtenBy(run: Run, command: LedgerCommand, commit: Commit): Uint8Array | undefined {
  try {
    return encodeCommit(context, placeOf(command, run.generation), commit, run.generation)
  } catch (error) {
    assert.ok(error instanceof GenerationError && run.generation < EVENT_GENERATION, String(error))
    note(run, 'generation_not_raised')
    return undefined
  }
}

function readFrom(bytes: Uint8Array): Commit {
  const record = decodeRecord(bytes)
  assert.ok(record.kind === 'commit')
  return record.commit
}

function foldedAnew(log: readonly Uint8Array[]): Overlay {
  const ledger = overlayOn(emptyLedger)
  for (const bytes of log) ledger.put(changeOf(readFrom(bytes), ledger, { partition: 0, hash: '' }).puts)
  return ledger
}

function knownOf({ commits, seq, nowMs }: Run, tenant: Tenant): Known {
  const reopened = new Set(commits.flatMap(({ events }) => eventOf(events, 'PeriodReopened')?.data.periodId ?? []))
  return {
    ...{ tenant, seq, nowMs },
    posted: commits.flatMap(({ events }) => eventOf(events, 'PaymentPosted')?.data.paymentId ?? []),
    proposals: commits.flatMap(({ events }) => {
      const proposed = eventOf(events, 'CommandProposed')?.data
      return proposed ? [{ proposalId: proposed.proposalId, hash: proposed.command.hash }] : []
    }),
    closed: commits.flatMap(({ events }) => {
      const period = eventOf(events, 'PeriodClosed')?.data
      return period && !reopened.has(period.periodId) ? [period] : []
    }),
  }
}

function standingAt({ commits }: Run, paymentId: PaymentId | undefined): Commit | undefined {
  return paymentId && commits[placeOfId(paymentId).seq - 1]
}

function commitOf(run: Run, command: LedgerCommand, { tenant, subject, mayBook }: Drawn): Commit {
  const { generation, hash: previousHash } = run
  const seq = run.seq + 1
  const decidedAt = new Date(run.nowMs).toISOString()
  const original = standingAt(run, originalOf(command, run.decided))
  const facts: DecisionFacts = {
    ...{ tenant, subject, mayBook, mayApprove: mayBook, decidedAt, paymentId: paymentIdAt(0, seq), generation },
    original,
  }
  const decision = decide(command, run.decided, facts)
  noteAll(run, command, decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : decision.code)
  if (isOfBoth(run, command, tenant)) {
    note(run, `${command.type} of an id of both: ${decision.kind === 'rejected' ? decision.code : decision.kind}`)
  }
  const head = { epoch: 1, seq, previousHash, decidedAt, tenant, actor: { subject, client: 'test' } }
  const key = { command: { type: command.type }, idempotencyKey: `key-${seq}`, requestHash: 'A'.repeat(22) }
  if (decision.kind === 'accepted') {
    const corrects = eventOf(decision.events, 'PaymentPosted')?.data.corrects
    if (corrects !== undefined) note(run, 'a correction')
    return { ...head, ...key, outcome: { kind: 'accepted' }, events: [...decision.events] }
  }
  const { kind, inVain: _, ...rejection } = decision
  return { ...head, ...key, outcome: { kind, ...rejection }, events: [] }
}

function noteAll(run: Run, command: LedgerCommand, became: readonly string[] | string): void {
  const isAccepted = typeof became !== 'string'
  const outcome = isAccepted ? (became.includes('CommandProposed') ? 'proposed' : 'accepted') : became
  note(run, `${command.type} ${outcome}`)
  if (command.type === 'RefundPayment' && command.data.amount && outcome === 'accepted') note(run, 'a part')
  if (command.type === 'ApproveCommand' && isAccepted) note(run, `${approvedTypeIn(run, command)} approved`)
  if (command.type !== 'MakePayment' || !command.data.legs) return
  note(run, `legs ${outcome}`)
  if (isAccepted && command.data.legs.some(({ amount }) => amount === '0')) note(run, 'a leg of zero')
}

function approvedTypeIn({ commits }: Run, { data }: Extract<LedgerCommand, { type: 'ApproveCommand' }>) {
  return commits[placeOfId(data.proposalId).seq - 1]?.command.type
}

function note({ seen }: Run, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** Whether it pays from an account whose id both tenants have, or opens one whose id the other one has. */
function isOfBoth({ decided }: Run, { type, data }: LedgerCommand, tenant: Tenant): boolean {
  const has = (tenant: Tenant, id: AccountId) => decided.read(accounts, accountKey(tenant, id)) !== undefined
  if (type === 'OpenAccount') return tenants.some((each) => each !== tenant && has(each, data.accountId))
  const payers = type === 'MakePayment' ? (data.postings ?? []).map(({ from }) => from) : []
  return payers.some((id) => tenants.every((each) => has(each, id)))
}

function checkSums(run: Run): void {
  for (const tenant of tenants) checkSumsOf(tenant, run)
}

function checkSumsOf(tenant: Tenant, { decided, shown }: Run): void {
  const sums = new Map<string, bigint>()
  for (const name of names) {
    const key = accountKey(tenant, name)
    const account = decided.read(accounts, key)
    assert.equal(account?.balanceMinor ?? 0n, shown.get(key) ?? 0n)
    if (account) sums.set(account.currency, (sums.get(account.currency) ?? 0n) + account.balanceMinor)
  }
  for (const sum of sums.values()) assert.equal(sum, 0n)
}

/** All tables, by their names. */
function stateOf(ledger: Overlay): object {
  const layer = ledger.take()
  ledger.hold(layer)
  return Object.fromEntries(Array.from(layer, ([table, values]) => [table.name, Object.fromEntries(values)]))
}
