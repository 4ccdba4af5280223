import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '@micropay/runtime/config'
import { StartEnvironment } from './start-options.ts'

test('what no service would start with is told at once', () => {
  for (const PARTITIONS of ['0', '1025', '1.5', 'many']) {
    assert.throws(() => readConfig(StartEnvironment, { PARTITIONS }), /PARTITIONS: must be /, PARTITIONS)
  }
  for (const PARTITIONS of ['1', '1024', '', undefined]) readConfig(StartEnvironment, { PARTITIONS })
})
