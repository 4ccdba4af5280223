import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rejectionCodes } from '../log/rejection.ts'
import { mayPass, Outcome, outcomeOf, Problem, problemOf, problemsByOutcome, rejectionProblems } from './problem.ts'

const errors = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const sections = errors.split(/^## /m).slice(1)
const row = /^\| `([a-z_]+)` \| ([0-9]{3}) \| (.{20,}) \|$/gm

test('docs/errors.md has a section for each outcome, with its problems and their status in their order', () => {
  const documented = sections.map((section) => [
    /^`outcome: "(\w+)"`\./m.exec(section)?.[1],
    Array.from(section.matchAll(row), ([, code, status]) => [code, Number(status)]),
  ])
  const catalogue = Outcome.options.map((outcome) => [
    outcome,
    Object.entries(problemsByOutcome[outcome]).map(([code, { status }]) => [code, status]),
  ])
  assert.deepEqual(documented, catalogue)
})

test('what may have counted or is being decided passes by itself, and says that the same key is to be kept', () => {
  for (const outcome of ['unknown', 'pending'] as const) {
    for (const [code, { passes }] of Object.entries(problemsByOutcome[outcome])) {
      assert.equal(passes, true, code)
    }
  }
  assert.match(sections[1] ?? '', /^It may have counted: ask again with the same key/)
  assert.match(sections[2] ?? '', /^It is being decided: ask again after `Retry-After` with the same key/)
})

test('what nobody of ours said leaves the outcome unknown', () => {
  assert.equal(outcomeOf({ code: 'unreadable_answer' }), 'unknown')
  assert.equal(outcomeOf({ code: 'constructor' }), 'unknown')
  assert.equal(outcomeOf({ code: 'overloaded' }), 'none')
  assert.equal(outcomeOf({ code: 'overloaded', outcome: 'pending' }), 'pending')
})

test('a stopped ledger and a refusal do not pass by themselves; a full queue and a silent proxy do', () => {
  const passing = (code: string, status: number) => mayPass({ code, status })
  assert.deepEqual([passing('ledger_stopped', 503), passing('insufficient_funds', 422)], [false, false])
  assert.deepEqual([passing('overloaded', 503), passing('unreadable_answer', 502)], [true, true])
  assert.equal(passing('unreadable_answer', 403), false)
})

test('the API describes each outcome, and the codes that have it', () => {
  const { outcome, code } = Problem.shape
  for (const each of Outcome.options) assert.ok(outcome.description?.includes(` ${each}: `), each)
  assert.match(code.description ?? '', /unknown: internal, upstream_unavailable, outcome_unknown\./)
})

test('every rejection has a problem, in order of precedence', () => {
  assert.deepEqual(Object.keys(rejectionProblems), [...rejectionCodes])
})

test('a problem is built with its status and a stable type', () => {
  const problem = Problem.parse(problemOf('insufficient_funds', 'pay less', { position: '0:7' }))
  assert.deepEqual(problem, {
    type: 'urn:micropay:problem:insufficient_funds',
    title: 'The account does not hold enough',
    status: 422,
    code: 'insufficient_funds',
    detail: 'pay less',
    outcome: 'refused',
    position: '0:7',
  })
})
