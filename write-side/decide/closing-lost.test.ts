import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PeriodId } from '@micropay/schemas/identifiers'
import {
  begun,
  ben,
  cid,
  close,
  closedBy,
  closingIn,
  give,
  type Ledger,
  old,
  outcomeOf,
  pay,
  settle,
} from './closing.fixture.ts'
import { closingsIn } from './closing.ts'

/** Its log ends behind its first commits, which a person accepts; all know it, and are told what holds. */
function lose(ledger: Ledger, partition: number, kept: number): void {
  const part = ledger.parts[partition] ?? assert.fail()
  ledger.mail.splice(0)
  part.lose(kept)
  part.askHistory()
  ledger.deliverAll()
  ledger.parts[0]?.tellFacts(0)
  settle(ledger)
}

test('figures of what a partition has lost since are of nothing: the closing is called off', () => {
  const ledger = begun()
  pay(ledger, ben, cid, old)
  ledger.deliverAll()
  const id = close(ledger)
  lose(ledger, 1, 0)
  assert.equal(outcomeOf(ledger, id), 'period_changed')
  assert.deepEqual(closedBy(ledger), [undefined, undefined, undefined])
})

test('a seal that is lost is given again, before the period is closed', () => {
  const ledger = begun()
  const id = close(ledger)
  ledger.deliverAll()
  const [, one, two] = ledger.parts
  one?.step({ kind: 'closings' })
  ledger.deliverAll()
  one?.lose(1)
  one?.askHistory()
  ledger.deliverAll()
  two?.step({ kind: 'closings' })
  ledger.deliverAll()
  assert.deepEqual(closedBy(ledger), [undefined, undefined, undefined])
  settle(ledger)
  assert.deepEqual(closedBy(ledger), [id, id, id])
  const [closed] = ledger.parts[0]?.log.filter((commit) => closingIn(commit)) ?? []
  assert.ok((closed?.causes?.[0]?.seq ?? 0) > 1_000)
})

test('days of a closing that its home has lost are open again, sealed or closed', () => {
  for (const isClosed of [false, true]) {
    const ledger = begun()
    close(ledger)
    if (isClosed) settle(ledger)
    else ledger.deliverAll()
    lose(ledger, 0, 0)
    assert.deepEqual(closedBy(ledger), [undefined, undefined, undefined])
    assert.deepEqual(
      ledger.parts.map((part) => closingsIn(part.ledger).length),
      [0, 0, 0],
    )
    assert.equal(close(ledger).startsWith('prd-'), true)
  }
})

test('a period whose end its home has lost is closed anew, or open where it is called off then', () => {
  for (const isLate of [false, true]) {
    const ledger = begun()
    const id = close(ledger)
    settle(ledger)
    if (isLate) {
      ledger.mail.splice(0)
      ledger.parts[0]?.lose(1)
      ledger.parts[0]?.step({ kind: 'closings' }, true)
      ledger.parts[0]?.askHistory()
      ledger.deliverAll()
      ledger.parts[0]?.tellFacts(0)
      settle(ledger)
    } else lose(ledger, 0, 1)
    const stands = isLate ? undefined : id
    assert.deepEqual(closedBy(ledger), [stands, stands, stands])
  }
})

test('a reopening that its home has lost is none: the days are closed everywhere', () => {
  const ledger = begun()
  const id = close(ledger)
  settle(ledger)
  // One person is enough for it here.
  give(ledger, { type: 'SetPolicy', data: { command: 'ReopenPeriod', people: 1 } })
  give(ledger, { type: 'ReopenPeriod', data: { periodId: PeriodId.parse(id), reason: 'a late invoice' } })
  settle(ledger)
  assert.deepEqual(closedBy(ledger), [undefined, undefined, undefined])
  lose(ledger, 0, 3)
  assert.deepEqual(closedBy(ledger), [id, id, id])
})
