import { test } from 'node:test'
import { runModel } from './run-model.fixture.ts'

test('closing a period over partitions breaks no rule, in the schedules of always and of today', () => {
  runModel('closing.py', 'final', '200')
  runModel('closing.py', 'final', '200', 'today')
})

test('each mutation of closing a period over partitions is caught', () => {
  runModel('closing.py', 'each', '300')
})
