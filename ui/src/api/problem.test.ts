import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from '@micropay/schemas/api/problem'
import { fieldErrorOf, inWordsForCustomers, isRefusal, problemFrom, problemOfError, unreachable } from './problem.ts'

test('a problem document is read whole', () => {
  const sent = problemOf('insufficient_funds', 'Send less.', { position: '0:7', traceId: 'abc' })
  assert.deepEqual(problemFrom(422, JSON.stringify(sent)), sent)
})

test("a proxy's page, an empty body and a wrong shape become a problem that says what to do", () => {
  for (const body of ['<html>Bad gateway</html>', '', '{"error":"nope"}', 'null']) {
    const problem = problemFrom(502, body)
    assert.equal(problem.status, 502)
    assert.equal(problem.code, 'unreadable_answer')
    assert.match(problem.detail, /Try again/)
  }
})

test('a refusal is what the ledger decided against, or would: a dry run has no place in it', () => {
  assert.equal(isRefusal(problemOf('account_frozen', 'x', { position: '0:7' })), true)
  assert.equal(isRefusal(problemOf('account_frozen', 'x')), true)
  assert.equal(isRefusal(problemOf('invalid_request', 'x', { position: '0:7' })), false)
})

test('a customer is told that payments are stopped, and not what is wrong with the ledger', () => {
  const stopped = problemOf('ledger_stopped', 'the log is shorter than it was: this request appended nothing')
  const told = inWordsForCustomers(stopped)
  assert.deepEqual([told.code, told.status], ['ledger_stopped', 503])
  assert.doesNotMatch(`${told.title} ${told.detail}`, /log|append|ledger/)
  assert.match(told.detail, /stopped at the moment; this try moved no money/)
  const refused = problemOf('insufficient_funds', 'Send less.')
  assert.equal(inWordsForCustomers(refused), refused)
})

test('a message finds its field by the pointer, not by a longer name', () => {
  const problem = problemOf('invalid_request', 'x', {
    errors: [{ pointer: '/postings/0/to', detail: 'No such account.' }],
  })
  assert.equal(fieldErrorOf(problem, '/postings/0/to'), 'No such account.')
  assert.equal(fieldErrorOf(problem, '/postings/0'), 'No such account.')
  assert.equal(fieldErrorOf(problem, '/post'), undefined)
  assert.equal(fieldErrorOf(undefined, '/postings'), undefined)
})

test('whatever is thrown can be shown', () => {
  assert.equal(problemOfError(unreachable()).code, 'unreachable')
  assert.match(problemOfError(new TypeError('x is not a function')).detail, /Reload/)
})
