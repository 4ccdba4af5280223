import { test } from 'node:test'
import { runModel } from './run-model.fixture.ts'

test('a payment over partitions breaks no rule, neither in the schedules of always nor in those of today', () => {
  runModel('saga.py', 'final', '500')
  runModel('saga.py', 'final', '500', 'today')
})

test('each mutation of a payment over partitions is caught', () => {
  runModel('saga.py', 'each', '600')
})
