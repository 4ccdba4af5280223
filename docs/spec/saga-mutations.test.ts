import { test } from 'node:test'
import { runModel } from './run-model.fixture.ts'

test('each mutation of a payment over partitions is caught', () => {
  runModel('saga.py', 'each', '400')
})
