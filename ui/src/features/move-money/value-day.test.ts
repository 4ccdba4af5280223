import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countingOn, earliestDay, openDaysWords } from './value-day.ts'

type Request = { readonly postings: readonly object[]; readonly effectiveAt?: string }
const request: Request = { postings: [{ from: 'cash:eur', to: 'ada:main', amount: '100', currency: 'EUR' }] }
const utc = { zone: 'UTC', today: '2026-07-03' }

test('a payment counts at noon of the day that is asked for, in the zone of the ledger', () => {
  assert.equal(countingOn(request, '2026-06-30', utc).effectiveAt, '2026-06-30T12:00:00.000Z')
  const amsterdam = { ...utc, zone: 'Europe/Amsterdam' }
  assert.equal(countingOn(request, '2026-06-30', amsterdam).effectiveAt, '2026-06-30T10:00:00.000Z')
  const auckland = { ...utc, zone: 'Pacific/Auckland' }
  assert.equal(countingOn(request, '2026-06-30', auckland).effectiveAt, '2026-06-30T00:00:00.000Z')
})

test('a payment of today, or of no day, counts when it is posted', () => {
  assert.equal(countingOn(request, '2026-07-03', utc), request)
  assert.equal(countingOn(request, undefined, utc), request)
})

const opened = [
  { accountId: 'ada:main', openedOn: '2026-05-10' },
  { accountId: 'cash:eur', openedOn: '2026-05-02' },
]

test('days are open behind the last closed one, and from when the last of the accounts was opened', () => {
  assert.equal(earliestDay({ firstOpenDay: null, opened: [] }), undefined)
  assert.equal(earliestDay({ firstOpenDay: '2026-06-01', opened })?.day, '2026-06-01')
  assert.equal(earliestDay({ firstOpenDay: '2026-05-01', opened })?.day, '2026-05-10')
  assert.equal(earliestDay({ firstOpenDay: null, opened })?.why, 'when ada:main was opened')
})

test('the open days are told, and why they begin where they do', () => {
  const end = 'today, 2026-07-03 in UTC. Left empty, it counts now.'
  assert.equal(openDaysWords({ ...utc, firstOpenDay: null, opened: [] }), `Any day up to ${end}`)
  assert.equal(
    openDaysWords({ ...utc, firstOpenDay: '2026-06-01', opened }),
    `From 2026-06-01, the day after the last closed one, to ${end}`,
  )
})
