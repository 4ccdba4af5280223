import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from '@micropay/schemas/api/problem'
import { answered, failed, type IntentState, intentFor, submitted } from './idempotent-intent.ts'
import { unreachable } from './problem.ts'

type Request = { readonly to: string; readonly amount: string }
type State = IntentState<Request, string>

const request: Request = { to: 'bob:main', amount: '1050' }
const keys = () => {
  let count = 0
  return () => {
    count += 1
    return `key-${count}`
  }
}

test('a second click while the first is under way reuses the key', () => {
  const newKey = keys()
  const first = intentFor<Request, string>(undefined, request, newKey)
  const second = intentFor<Request, string>(submitted(first), { ...request }, newKey)
  assert.equal(second.key, first.key)
})

test('a retry after a lost answer reuses the key', () => {
  const newKey = keys()
  const first = intentFor<Request, string>(undefined, request, newKey)
  const lost: State = failed(first, unreachable().problem)
  assert.equal(lost.kind, 'unsettled')
  assert.equal(intentFor(lost, request, newKey).key, first.key)
})

test('the same payment wished once more, after it was posted, gets a new key', () => {
  const newKey = keys()
  const first = intentFor<Request, string>(undefined, request, newKey)
  assert.notEqual(intentFor<Request, string>(answered(first, 'pay-0-1'), request, newKey).key, first.key)
})

test('another amount is another wish, even while the first is unsettled', () => {
  const newKey = keys()
  const first = intentFor<Request, string>(undefined, request, newKey)
  const lost: State = failed(first, unreachable().problem)
  assert.notEqual(intentFor(lost, { ...request, amount: '1051' }, newKey).key, first.key)
})

test('a refusal settles the intent, so the next try has a new key', () => {
  const newKey = keys()
  const first = intentFor<Request, string>(undefined, request, newKey)
  const refused: State = failed(first, problemOf('insufficient_funds', 'Send less.', { position: '0:7' }))
  assert.equal(refused.kind, 'refused')
  assert.notEqual(intentFor(refused, request, newKey).key, first.key)
})

test('what says nothing about the outcome leaves it unsettled', () => {
  const intent = { key: 'key-1', request }
  const codes = [
    'outcome_unknown',
    'overloaded',
    'not_owner',
    'rate_limited',
    'upstream_unavailable',
    'internal',
  ] as const
  for (const code of [...codes, 'idempotency_key_in_flight', 'unauthenticated', 'csrf_token_invalid'] as const) {
    assert.equal(failed(intent, problemOf(code, 'Try again.')).kind, 'unsettled', code)
  }
  for (const code of ['invalid_request', 'account_not_found', 'forbidden', 'idempotency_key_reused'] as const) {
    assert.equal(failed(intent, problemOf(code, 'Change it.')).kind, 'refused', code)
  }
})
