import { test } from 'node:test'
import { runModel } from './run-model.fixture.ts'

test('a payment over partitions breaks no rule in the schedules of always', () => {
  runModel('saga.py', 'final', '400')
})

test('a payment over partitions breaks no rule in the schedules of today', () => {
  runModel('saga.py', 'final', '400', 'today')
})
