import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from '@micropay/schemas/api/problem'
import { answered, failed, type IntentState, intentFor, submitted, whatBecameOf } from './idempotent-intent.ts'
import { problemFrom, unreachable } from './problem.ts'

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

const intent = { key: 'key-1', request }

test('what may have counted or is being decided leaves it unsettled, and so does an answer that cannot be read', () => {
  const codes = ['outcome_unknown', 'upstream_unavailable', 'internal', 'idempotency_key_in_flight'] as const
  for (const code of codes) assert.equal(failed(intent, problemOf(code, 'Try again.')).kind, 'unsettled', code)
  assert.equal(failed(intent, problemFrom(502, '<html>')).kind, 'unsettled')
  assert.equal(failed(intent, unreachable().problem).kind, 'unsettled')
})

test('what appended nothing is turned away where the same request may be taken later, and else refused', () => {
  const passing = ['overloaded', 'not_owner', 'rate_limited', 'upstream_unreachable', 'ledger_stopped'] as const
  for (const code of [...passing, 'unauthenticated', 'csrf_token_invalid'] as const) {
    const state = failed(intent, problemOf(code, 'Try again.'))
    assert.equal(state.kind, 'turned away', code)
    assert.match(whatBecameOf(state), /^Nothing happened/)
    assert.equal(intentFor(state, request, keys()).key, intent.key)
  }
  for (const code of ['invalid_request', 'account_not_found', 'forbidden', 'decision_failed'] as const) {
    assert.equal(failed(intent, problemOf(code, 'Change it.')).kind, 'refused', code)
  }
})

test('a retry that was turned away leaves unknown what the try before it left unknown; a decision settles it', () => {
  const unknown: State = failed(intent, problemOf('outcome_unknown', 'Ask again.'))
  const again: State = submitted(intent, unknown)
  for (const code of ['overloaded', 'unauthenticated', 'forbidden', 'ledger_stopped'] as const) {
    const state = failed(intent, problemOf(code, 'Wait.'), again)
    assert.equal(state.kind, 'unsettled', code)
    assert.match(whatBecameOf(state), /We do not know yet/)
    assert.equal(failed(intent, problemOf('not_owner', 'Wait.'), submitted(intent, state)).kind, 'unsettled')
  }
  assert.equal(failed(intent, problemOf('insufficient_funds', 'Less.'), again).kind, 'refused')
  const other = { key: 'key-2', request }
  assert.equal(failed(other, problemOf('overloaded', 'Wait.'), submitted(other, unknown)).kind, 'turned away')
})
