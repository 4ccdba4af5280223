import { test } from 'node:test'
import { runModel } from './run-model.fixture.ts'

/** With the tests beside it some 20 s of what README.md says; `npx pnpm@12 nightly --only models` tries far more. */
test('the fenced log breaks no rule, neither in the schedules of always nor in those of today', () => {
  runModel('fenced.py', 'final', '2000')
  runModel('fenced.py', 'final', '2000', 'today')
})

test('each mutation of the fenced log is caught', () => {
  runModel('fenced.py', 'each', '2000')
})

test('every state of a payment with up to three participants is sound, and each mutation is caught', () => {
  runModel('exhaustive.py', '3')
})
