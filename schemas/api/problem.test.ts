import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rejectionCodes } from '../log/rejection.ts'
import { Problem, problemOf, problems, rejectionProblems } from './problem.ts'

const documented = Array.from(
  readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8').matchAll(
    /^\| `([a-z_]+)` \| ([0-9]{3}) \| (.{20,}) \|$/gm,
  ),
  ([, code, status]) => [code, Number(status)],
)

test('docs/errors.md lists every problem with its status, in the order of the catalogue', () => {
  assert.deepEqual(
    documented,
    Object.entries(problems).map(([code, { status }]) => [code, status]),
  )
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
    position: '0:7',
  })
})
