import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { Answer } from '@micropay/schemas/log/message'
import type { Saga } from '../../decide/saga.ts'
import { type OpenPayment, OVERDUE_AFTER_MS, waitedFor } from './waited-for.ts'

const deadline = '2026-03-01T09:31:00.000Z'
const deadlineMs = Date.parse(deadline)

test('nobody is waited for where nothing is open', () => {
  assert.deepEqual(waitedFor([], deadlineMs), [])
})

test('a payment waits for each participant that has not answered, and for no other', () => {
  const payments = [
    open('preparing', [3, 1, 2], 70, [answer('prepared', 2)]),
    open('asked', [1], 90, []),
    open('completed', [1, 2], 20, [answer('prepared', 1), answer('posted', 2)]),
    open('failed', [2], 5, [answer('refused', 2)]),
  ]
  const rest = { overdue: 0, pastDeadlineMs: 0 }
  assert.deepEqual(waitedFor(payments, deadlineMs), [
    { partition: 1, open: 3, oldestMs: 90, ...rest },
    { partition: 3, open: 1, oldestMs: 70, ...rest },
  ])
})

test('it is overdue when its deadline is past by more than half a minute, whatever the owner knows of its age', () => {
  const payments = [open('cancelling', [1], 4, [])]
  const at = (pastMs: number) => waitedFor(payments, deadlineMs + pastMs)
  assert.deepEqual(at(OVERDUE_AFTER_MS), [{ partition: 1, open: 1, oldestMs: 4, overdue: 0, pastDeadlineMs: 30_000 }])
  assert.deepEqual(at(30_001), [{ partition: 1, open: 1, oldestMs: 4, overdue: 1, pastDeadlineMs: 30_001 }])
})

function open(
  state: Saga['state'],
  participants: readonly number[],
  openMs: number,
  answers: readonly Answer[],
): OpenPayment {
  const saga: Saga = {
    ...{ state, participants: [...participants], deadline, tenant: 'main', mayBook: false, legs: [] },
    ...{ actor: { subject: 'customer:ada', client: 'test' }, at, effectiveAt: deadline, sides },
  }
  return { saga, openMs, heard: new Map(answers.map((each) => [each.from, each])) }
}

function answer(kind: Answer['kind'], from: number): Answer {
  const head = { payment: paymentIdAt(0, 1), from, to: 0, at }
  if (kind !== 'refused') return { kind, ...head, sides }
  return { kind, ...head, rejection: { code: 'account_not_found', detail: 'there is none' } }
}

const at = { seq: 1, hash: 'h'.repeat(43) }
const sides = { debited: [], credited: [] }
