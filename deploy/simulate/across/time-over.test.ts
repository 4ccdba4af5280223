import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentId } from '@micropay/schemas/identifiers'
import { type HasOpen, openOverTime } from './time-over.ts'

const deadline = '2026-03-01T09:01:00.000Z'
const before = '2026-03-01T09:02:00.000Z'

/** Partition 2 has a payment with partitions 1 and 3 open, and waits for what these know of a loss. */
function waitingFor(...unanswered: number[]): HasOpen[] {
  const open = { state: 'preparing', deadline, participants: [1, 3] } as const
  return [
    { partition: 1, begun: new Map(), unanswered: new Set() },
    { partition: 2, begun: new Map([['pay-2-7' as PaymentId, open]]), unanswered: new Set(unanswered) },
  ]
}

const isOpen = `pay-2-7 is preparing after ${deadline}`

test('a payment that is open behind its time is told, and none before', () => {
  assert.equal(openOverTime(waitingFor(), { before, away: undefined }), isOpen)
  assert.equal(openOverTime(waitingFor(), { before: deadline, away: undefined }), undefined)
})

test('it may wait for a partition that is away and knows what a loss had decided, and for no other one', () => {
  assert.equal(openOverTime(waitingFor(3), { before, away: 3 }), undefined)
  assert.equal(openOverTime(waitingFor(3), { before, away: undefined }), undefined)
  assert.equal(openOverTime(waitingFor(1), { before, away: 3 }), isOpen)
  assert.equal(openOverTime(waitingFor(0), { before, away: 0 }), isOpen)
  assert.equal(openOverTime(waitingFor(), { before, away: 3 }), isOpen)
})

test('nobody asks one that is away to let go of its payments', () => {
  assert.equal(openOverTime(waitingFor(), { before, away: 2 }), undefined)
})
