import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { until } from '../share/shared-memory.contract.ts'
import { keepLooking } from './keep-looking.ts'

test('who names more instances than any service has is not believed', { timeout: 20_000 }, async (context) => {
  const named = (count: number) => Array.from({ length: count }, (_, at) => ({ origin: `http://one:${at + 1}` }))
  let places = named(1_000)
  const find = async () => ({ places, forMs: 5 })
  const log = createLogger('test', 'silent')
  const discovery = keepLooking({ service: 'accounts', at: 'here', find, clock, log })
  context.after(() => discovery.close())
  await discovery.looked
  places = named(1_001)
  await until(() => discovery.trouble() !== undefined)
  assert.match(discovery.trouble() ?? '', /those of before are asked: it names 1001 instances, and 1000 at most/)
  assert.equal(discovery.places().length, 1_000)
})
