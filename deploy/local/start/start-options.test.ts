import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '@micropay/runtime/config'
import { readFlags, StartEnvironment } from './start-options.ts'

test('what no service would start with is told at once', () => {
  for (const PARTITIONS of ['0', '1025', '1.5', 'many']) {
    assert.throws(() => readConfig(StartEnvironment, { PARTITIONS }), /PARTITIONS: must be /, PARTITIONS)
  }
  for (const PARTITIONS of ['1', '1024', '', undefined]) readConfig(StartEnvironment, { PARTITIONS })
})

test('services speak by certificates unless that is turned off, and start never runs in production', () => {
  assert.equal(readConfig(StartEnvironment, {}).TLS, 'on')
  assert.equal(readConfig(StartEnvironment, { TLS: 'off' }).TLS, 'off')
  for (const TLS of ['on', 'off']) {
    const given = { TLS, MICROPAY_MODE: 'production' }
    assert.throws(
      () => readConfig(StartEnvironment, given),
      /MICROPAY_MODE: must be development, or left out: start has/,
    )
  }
})

test('a backup is named by its folder, and no examples are booked into what was restored', () => {
  const { restore, seed } = readFlags(['--restore', '/mnt/copy', '--complete'])
  assert.deepEqual({ restore, seed }, { restore: { folder: '/mnt/copy', isComplete: true }, seed: false })
  assert.equal(readFlags([]).restore, undefined)
  assert.throws(() => readFlags(['--complete']), /goes with --restore/)
})
