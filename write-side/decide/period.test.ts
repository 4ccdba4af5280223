import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, PeriodId, paymentIdAt } from '@micropay/schemas/identifiers'
import { broughtCommand, broughtRule, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import type { Decision, DecisionFacts, LedgerView } from './ledger.ts'

const digest = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'
const june = { through: '2026-06-30', seq: 6, digest }

function given(command: LedgerCommand, ledger: LedgerView, more: Partial<DecisionFacts> = {}): Decision {
  return decide(command, ledger, {
    ...{ tenant: 'main', subject: 'finance:fiona', mayBook: true, generation: EVENT_GENERATION },
    ...{ decidedAt: '2026-07-02T09:30:00.000Z', paymentId: paymentIdAt(0, 7) },
    ...more,
  })
}

const closing = (data: object, ledger: LedgerView, more?: Partial<DecisionFacts>) =>
  given({ type: 'ClosePeriod', data: { ...june, ...data } }, ledger, more)

function outcome(decision: Decision): string {
  return decision.kind === 'rejected' ? decision.code : (decision.events[0]?.type ?? 'nothing')
}

/** The ledger after commands that are accepted, each at the next sequence. */
function after(
  commands: readonly LedgerCommand[],
  before = ledgerWith(),
  more: Partial<DecisionFacts> = {},
): LedgerView {
  return commands.reduce((ledger, command, index) => {
    const seq = index + 7
    const decision = given(command, ledger, { paymentId: paymentIdAt(0, seq), ...more })
    assert.ok(decision.kind === 'accepted', decision.kind === 'rejected' ? decision.detail : '')
    return decision.events.reduce((each, event) => ledgerAfter(event, each, seq), ledger)
  }, before)
}
const closed = (through: string): LedgerCommand => ({ type: 'ClosePeriod', data: { ...june, through } })

const account = (id: string): AccountState => ({
  ...{ accountId: AccountId.parse(id), tenant: 'main', type: 'external', currency: 'EUR' },
  ...{ owner: OwnerId.parse('house'), overdraftLimit: 'unlimited', status: 'open', balanceMinor: 0n },
})
const book = ledgerWith(putAccount(account('cash')), putAccount(account('ada')))
const paying = (effectiveAt?: string): LedgerCommand => ({
  type: 'MakePayment',
  data: {
    postings: [{ from: AccountId.parse('cash'), to: AccountId.parse('ada'), amount: '5', currency: 'EUR' }],
    ...(effectiveAt === undefined ? {} : { effectiveAt }),
  },
})

test('a period ends with the end of its last day in the zone of the ledger', () => {
  const beforeOf = (ledger: LedgerView) => {
    const decision = closing({}, ledger)
    const [event] = decision.kind === 'accepted' ? decision.events : []
    return event?.type === 'PeriodClosed' ? [event.data.before, event.data.zone, event.data.from] : undefined
  }
  assert.deepEqual(beforeOf(ledgerWith()), ['2026-07-01T00:00:00.000Z', 'UTC', undefined])
  const amsterdam = after([{ type: 'SetZone', data: { zone: 'Europe/Amsterdam' } }])
  assert.deepEqual(beforeOf(amsterdam), ['2026-06-30T22:00:00.000Z', 'Europe/Amsterdam', undefined])
  assert.deepEqual(beforeOf(after([closed('2026-05-31')]))?.[2], '2026-06-01')
})

test('a day that is not over cannot be closed, in the zone of the ledger', () => {
  const late = { decidedAt: '2026-06-30T23:30:00.000Z' }
  assert.equal(outcome(closing({}, ledgerWith(), late)), 'period_in_future')
  const amsterdam = after([{ type: 'SetZone', data: { zone: 'Europe/Amsterdam' } }])
  assert.equal(outcome(closing({}, amsterdam, late)), 'PeriodClosed')
  assert.equal(outcome(closing({ through: '2026-07-01' }, ledgerWith())), 'PeriodClosed')
  assert.equal(outcome(closing({ through: '2026-07-02' }, ledgerWith())), 'period_in_future')
})

test('a period is closed once, and begins where the last one ends', () => {
  const ledger = after([closed('2026-05-31')])
  for (const through of ['2026-05-31', '2026-05-30']) {
    assert.equal(outcome(closing({ through }, ledger)), 'period_already_closed')
  }
  assert.equal(outcome(closing({ from: '2026-06-02' }, ledger)), 'period_gap')
  assert.equal(outcome(closing({ from: '2026-05-31' }, ledger)), 'period_gap')
  assert.equal(outcome(closing({ from: '2026-06-01' }, ledger)), 'PeriodClosed')
  assert.equal(outcome(closing({}, ledger, { tenant: 'other' })), 'PeriodClosed', 'another tenant has its own')
})

test('what was booked into the period since its figures were read must be looked at first', () => {
  const may = after([paying('2026-05-20T10:00:00.000Z')], book)
  assert.equal(outcome(closing({ seq: 6 }, may)), 'period_changed')
  assert.equal(outcome(closing({ seq: 7 }, may, { paymentId: paymentIdAt(0, 8) })), 'PeriodClosed')
  const july = after([paying()], book)
  assert.equal(outcome(closing({ seq: 0 }, july)), 'PeriodClosed', 'it counts after the period')
})

test('figures of a place that the ledger has not come to are none', () => {
  const may = after([paying('2026-05-20T10:00:00.000Z')], book)
  const at = (seq: number, more: Partial<DecisionFacts> = {}) =>
    closing({ seq }, may, { paymentId: paymentIdAt(0, 9), ...more })
  assert.equal(outcome(at(8)), 'PeriodClosed')
  for (const seq of [9, 100, Number.MAX_SAFE_INTEGER]) {
    const decision = at(seq)
    assert.ok(decision.kind === 'rejected')
    assert.deepEqual([decision.code, decision.pointer], ['period_not_reached', '/seq'])
    assert.match(decision.detail, /the ledger stands at 8/)
    assert.equal(outcome(at(seq, { generation: broughtRule('period_not_reached') - 1 })), 'PeriodClosed')
  }
})

test('nothing is booked into a closed day; the detail names the first open one', () => {
  const ledger = after([closed('2026-06-30')], book)
  const decision = given(paying('2026-06-30T23:59:59.999Z'), ledger)
  assert.ok(decision.kind === 'rejected')
  assert.deepEqual([decision.code, decision.pointer], ['period_closed', '/effectiveAt'])
  assert.match(decision.detail, /first open day is 2026-07-01 in UTC/)
  assert.equal(outcome(given(paying('2026-07-01T00:00:00.000Z'), ledger)), 'PaymentPosted')
  assert.equal(outcome(given(paying(), ledger)), 'PaymentPosted')
  const amsterdam = after([{ type: 'SetZone', data: { zone: 'Europe/Amsterdam' } }, closed('2026-06-30')], book)
  assert.equal(outcome(given(paying('2026-06-30T22:00:00.000Z'), amsterdam)), 'PaymentPosted')
  assert.equal(outcome(given(paying('2026-06-30T21:59:59.999Z'), amsterdam)), 'period_closed')
})

test('nothing counts on a day that has not come, nor on another day than today for whoever may not book', () => {
  assert.equal(outcome(given(paying('2026-07-02T23:59:59.999Z'), book)), 'PaymentPosted')
  assert.equal(outcome(given(paying('2026-07-03T00:00:00.000Z'), book)), 'value_date_in_future')
  assert.equal(outcome(given(paying('2199-01-01T00:00:00.000Z'), book)), 'value_date_in_future')
  const own = { mayBook: false, subject: 'house' }
  assert.equal(outcome(given(paying('2026-07-02T00:00:00.000Z'), book, own)), 'PaymentPosted')
  assert.equal(outcome(given(paying('2026-07-01T23:59:59.999Z'), book, own)), 'value_date_not_today')
  assert.equal(outcome(given(paying('1900-01-01T00:00:00.000Z'), book, own)), 'value_date_not_today')
  assert.equal(outcome(given(paying('2026-07-03T00:00:00.000Z'), book, own)), 'value_date_not_today')
  assert.equal(outcome(given(paying(), book, own)), 'PaymentPosted')
})

test('the rules of value dates apply from the generation on that brought them', () => {
  const before = { generation: broughtCommand('ClosePeriod') - 1 }
  assert.equal(outcome(given(paying('2199-01-01T00:00:00.000Z'), book, before)), 'PaymentPosted')
})

test('the last closed period can be reopened, and closed again', () => {
  const ledger = after([closed('2026-05-31'), closed('2026-06-30')], book)
  // As long as no policy asks for a second person.
  const alone = { generation: broughtCommand('ClosePeriod') }
  const reopening = (periodId: string, on = ledger) =>
    given(
      { type: 'ReopenPeriod', data: { periodId: PeriodId.parse(periodId), reason: 'a missing invoice' } },
      on,
      alone,
    )
  assert.equal(outcome(reopening('prd-0-7')), 'period_not_last')
  assert.equal(outcome(reopening('prd-0-99')), 'period_not_closed')
  const decision = reopening('prd-0-8')
  assert.ok(decision.kind === 'accepted')
  const [event] = decision.events
  assert.ok(event?.type === 'PeriodReopened')
  assert.deepEqual([event.data.from, event.data.personal?.data.reason], ['2026-06-01', 'a missing invoice'])
  const reopened = ledgerAfter(event, ledger)
  assert.equal(outcome(given(paying('2026-06-30T12:00:00.000Z'), reopened)), 'PaymentPosted')
  assert.equal(outcome(given(paying('2026-05-31T12:00:00.000Z'), reopened)), 'period_closed')
  assert.equal(outcome(closing({}, reopened)), 'PeriodClosed')
  assert.equal(outcome(reopening('prd-0-7', reopened)), 'PeriodReopened', 'the one before is the last one now')
})

test('a change of the zone holds for later closings alone, and opens no closed instant', () => {
  const ledger = after([closed('2026-06-30'), { type: 'SetZone', data: { zone: 'America/New_York' } }], book)
  assert.equal(outcome(given(paying('2026-06-30T23:59:59.999Z'), ledger)), 'period_closed')
  assert.equal(outcome(given(paying('2026-07-01T00:00:00.000Z'), ledger)), 'PaymentPosted')
})

test('nothing counts before the day that staff opened an account on, in the zone of the ledger', () => {
  const opened = ledgerWith(putAccount(account('cash')), putAccount({ ...account('ada'), openedOn: '2026-06-10' }))
  assert.equal(outcome(given(paying('2026-06-09T23:59:59.999Z'), opened)), 'value_date_before_opening')
  assert.equal(outcome(given(paying('2026-06-10T00:00:00.000Z'), opened)), 'PaymentPosted')
  assert.equal(outcome(given(paying(), opened)), 'PaymentPosted')
  const amsterdam = after([{ type: 'SetZone', data: { zone: 'Europe/Amsterdam' } }], opened)
  assert.equal(outcome(given(paying('2026-06-09T22:00:00.000Z'), amsterdam)), 'PaymentPosted')
  const before = { generation: broughtCommand('ClosePeriod') - 1 }
  assert.equal(outcome(given(paying('2026-06-09T12:00:00.000Z'), opened, before)), 'PaymentPosted')
})
