import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PaymentId, PeriodId } from '@micropay/schemas/identifiers'
import { broughtCommand } from '@micropay/schemas/log/generations'
import { transitPartnerOf } from '@micropay/schemas/transit'
import fc from 'fast-check'
import {
  ada,
  begun,
  ben,
  cid,
  close,
  closedBy,
  closingIn,
  digest,
  give,
  type Ledger,
  old,
  outcomeOf,
  PARTITIONS,
  pay,
  settle,
  typesOf,
} from './closing.fixture.ts'
import { closingsIn } from './closing.ts'
import { waitedForBy } from './closing-step.ts'
import { generationOf } from './decide.ts'
import { eventOf } from './ledger.ts'
import { openIn } from './open-payments.ts'
import { lastClosed } from './period.ts'

test('each partition takes a closing over, seals it, and home closes it on the word of all', () => {
  const ledger = begun()
  const id = close(ledger)
  settle(ledger)
  assert.deepEqual(closedBy(ledger), [id, id, id])
  assert.deepEqual(
    ledger.parts.map(({ log }) => typesOf(log)),
    [
      ['PeriodClosing', 'PeriodClosed'],
      ['PeriodClosing', 'PeriodSealed', 'PeriodClosed'],
      ['PeriodClosing', 'PeriodSealed', 'PeriodClosed'],
    ],
  )
  assert.deepEqual(
    ledger.parts[0]?.log[1]?.causes?.map(({ partition, seq }) => [partition, seq]),
    [
      [1, 2],
      [2, 2],
    ],
  )
})

test('from the taking over on nothing new is dated into the days, by whoever decides', () => {
  const ledger = begun()
  close(ledger)
  // Partition 2 has not heard of it.
  assert.equal(pay(ledger, ada, ben, old), 'period_closed')
  ledger.deliver()
  const payment = pay(ledger, cid, ben, old) as PaymentId
  settle(ledger)
  assert.equal(ledger.parts[2]?.failure(payment)?.rejection.code, 'period_closed')
  assert.equal(typeof pay(ledger, cid, ben, undefined), 'string')
})

test('what was promised is waited for; once it is posted the figures are other ones', () => {
  const ledger = begun()
  const payment = pay(ledger, ada, ben, old) as PaymentId
  ledger.deliver()
  const id = close(ledger)
  const before = { tenant: 'main', before: '2026-03-01T00:00:00.000Z' }
  const waits = (partition: number) => {
    const view = ledger.parts[partition]?.ledger ?? assert.fail()
    return waitedForBy(before, view, { partition, partitions: PARTITIONS })
  }
  assert.deepEqual([waits(0), waits(1), waits(2)], [[payment], [payment], []])
  const facts = ledger.mail.filter(({ kind }) => kind === 'fact')
  for (const fact of facts) ledger.deliver(ledger.mail.indexOf(fact))
  assert.equal(ledger.parts[1]?.step({ kind: 'closings' }), 'nothing')
  assert.equal(ledger.parts[2]?.step({ kind: 'closings' }), 'accepted')
  settle(ledger)
  assert.deepEqual(closedBy(ledger), [undefined, undefined, undefined])
  assert.equal(outcomeOf(ledger, id), 'period_changed')
  assert.ok(close(ledger).startsWith('prd-'))
  settle(ledger)
  assert.notEqual(closedBy(ledger)[2], undefined)
})

test('a promise that comes to nothing changes no figures', () => {
  const ledger = begun()
  const payment = pay(ledger, ada, ben, old) as PaymentId
  ledger.deliver()
  const id = close(ledger)
  assert.equal(ledger.parts[0]?.step({ kind: 'expired', payment }), 'accepted')
  settle(ledger)
  assert.deepEqual(closedBy(ledger), [id, id, id])
})

test('a person calls it off, and what nobody sealed in time is called off', () => {
  const ledger = begun()
  const id = close(ledger)
  assert.equal(close(ledger), 'period_closing')
  const callOff = (periodId: string) =>
    give(ledger, { type: 'CallOffPeriod', data: { periodId: PeriodId.parse(periodId), reason: 'an invoice came' } })
  assert.equal(callOff('prd-0-77'), 'period_not_closing')
  assert.ok(callOff(id).startsWith('prd-'))
  assert.equal(callOff(id), 'period_not_closing')
  settle(ledger)
  assert.deepEqual(
    ledger.parts.map(({ ledger: view }) => closingsIn(view)),
    [[], [], []],
  )
  const second = close(ledger)
  // Partition 2 is away.
  ledger.mail.splice(0, ledger.mail.length, ...ledger.mail.filter(({ to }) => to !== 2))
  settle(ledger)
  assert.equal(outcomeOf(ledger, second), undefined)
  assert.equal(ledger.parts[0]?.step({ kind: 'closings' }, true), 'accepted')
  assert.equal(outcomeOf(ledger, second), 'period_not_sealed')
  settle(ledger)
  assert.deepEqual(
    ledger.parts.map(({ ledger: view }) => closingsIn(view)),
    [[], [], []],
  )
})

test('figures that are older than what was booked are refused at once at home, and called off elsewhere', () => {
  const ledger = begun()
  pay(ledger, ada, ben, old)
  settle(ledger)
  const ends = ledger.parts.map(({ log }) => log.length)
  assert.equal(close(ledger, '2026-02-28', [0, ...ends.slice(1)]), 'period_changed')
  const id = close(ledger, '2026-02-28', [ends[0] ?? 0, 0, 0])
  settle(ledger)
  assert.equal(outcomeOf(ledger, id), 'period_changed')
  const far = close(ledger, '2026-02-28', [ledger.parts[0]?.log.length ?? 0, 99, 0])
  settle(ledger)
  assert.equal(outcomeOf(ledger, far), 'period_not_reached')
})

test('a ledger of before has no words for it', () => {
  const ledger = begun()
  const seals = [0, 1, 2].map((partition) => ({ partition, seq: 0, digest }))
  const command = { type: 'ClosePeriod', data: { through: '2026-02-28', seq: 0, digest, seals } } as const
  assert.equal(generationOf(command), broughtCommand('CallOffPeriod'))
  assert.equal(
    generationOf({ type: 'ClosePeriod', data: { ...command.data, seals: undefined } }),
    broughtCommand('ClosePeriod'),
  )
  assert.equal(ledger.parts.length, PARTITIONS)
})

const place = fc.constantFrom(ada, ben, cid)
const day = fc.constantFrom('2026-02-25', '2026-02-26', '2026-02-27', '2026-02-28')
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ pay: fc.record({ from: place, to: place, day: fc.option(day), isPrompt: fc.boolean() }) }),
  },
  { weight: 14, arbitrary: fc.record({ deliver: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ lose: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ repeat: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ expire: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ close: fc.record({ day, behind: fc.constantFrom(0, 0, 0, 1) }) }) },
  { weight: 4, arbitrary: fc.record({ goOn: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ end: fc.constantFrom('call off', 'reopen', 'late', 'forget') }) },
)
type Act = (typeof act extends fc.Arbitrary<infer Each> ? Each : never) & object

test('no booking into a closed period lies behind the seal of its partition, and the sums are zero', () => {
  const closed = { count: 0 }
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60 }), (acts) => {
      const ledger = begun()
      const given: PaymentId[] = []
      for (const each of acts) apply(ledger, each, given)
      for (let turn = 0; turn < 3; turn += 1) {
        for (const [index, part] of ledger.parts.entries()) part.askAgain(openIn(index, PARTITIONS, part.ledger))
        ledger.parts[0]?.tellFacts(0)
        settle(ledger)
      }
      settle(ledger, true)
      closed.count += judge(ledger)
    }),
    { numRuns: 300 },
  )
  assert.ok(closed.count > 50, `only ${closed.count} periods were closed`)
})

function apply(ledger: Ledger, each: Act, given: PaymentId[]): void {
  const { mail, parts } = ledger
  const at = (index: number) => index % mail.length
  if ('pay' in each) {
    const { from, to, day: on, isPrompt } = each.pay
    if (from === to) return
    const told = pay(ledger, from, to, on === null ? undefined : `${on}T12:00:00.000Z`, isPrompt)
    if (told.startsWith('pay-')) given.push(told as PaymentId)
  } else if ('expire' in each) {
    const payment = given[each.expire % given.length]
    if (payment) parts[Number(payment.split('-')[1])]?.step({ kind: 'expired', payment })
  } else if ('close' in each) {
    close(
      ledger,
      each.close.day,
      parts.map(({ log }) => Math.max(0, log.length - each.close.behind)),
    )
  } else if ('goOn' in each) parts[each.goOn]?.step({ kind: 'closings' })
  else if ('end' in each) endBy(ledger, each.end)
  else if (mail.length === 0) return
  else if ('deliver' in each) ledger.deliver(at(each.deliver))
  else if ('lose' in each) mail.splice(at(each.lose), 1)
  else if (mail.length < 60) mail.push(mail[at(each.repeat)] as never)
}

function endBy(ledger: Ledger, how: string): void {
  const home = ledger.parts[0] ?? assert.fail()
  const [closing] = closingsIn(home.ledger)
  const last = lastClosed(home.ledger, 'main')
  const reason = 'it came late'
  if (how === 'forget') home.forgetHeard()
  else if (how === 'late') home.step({ kind: 'closings' }, true)
  else if (how === 'call off' && closing)
    give(ledger, { type: 'CallOffPeriod', data: { periodId: closing.periodId, reason } })
  else if (how === 'reopen' && last) give(ledger, { type: 'ReopenPeriod', data: { periodId: last.periodId, reason } })
}

/** How many periods are closed. */
function judge({ parts }: Ledger): number {
  const [home = assert.fail()] = parts
  assert.deepEqual(
    parts.map(({ ledger }) => closingsIn(ledger).length),
    [0, 0, 0],
  )
  const standing = new Map<string, NonNullable<ReturnType<typeof closingIn>>>()
  for (const commit of home.log) {
    const closed = closingIn(commit)
    if (closed) standing.set(closed.periodId, closed)
    const reopened = eventOf(commit.events, 'PeriodReopened')
    if (reopened) standing.delete(reopened.data.periodId)
  }
  const last = [...standing.values()].at(-1)?.periodId
  for (const { ledger } of parts) assert.equal(lastClosed(ledger, 'main')?.periodId, last)
  for (const { before, seals = [] } of standing.values()) {
    let sum = 0n
    for (const [partition, { log }] of parts.entries()) {
      for (const { seq, events } of log) {
        for (const event of events) {
          if (event.type !== 'PaymentPosted' && event.type !== 'LegsPosted') continue
          if (event.data.effectiveAt >= before) continue
          assert.ok(seq <= (seals[partition]?.seq ?? 0), `${partition}:${seq} lies behind the seal`)
          for (const { account: id, amount } of event.data.legs) {
            if (transitPartnerOf(id) === undefined) sum += BigInt(amount)
          }
        }
      }
    }
    assert.equal(sum, 0n)
  }
  return standing.size
}
