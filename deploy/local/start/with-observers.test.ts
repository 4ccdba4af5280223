import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { readConfig } from '@micropay/runtime/config'
import { StartEnvironment } from './start-options.ts'
import { startWithObservers } from './with-observers.ts'

test('where Prometheus is not there, start says what to install, and goes on without it', async () => {
  const said: string[] = []
  const options = {
    ...{ environment: readConfig(StartEnvironment, {}), home: '/nowhere', repositoryRoot: '/nowhere', clock },
    ...{ inherited: {}, say: (text: string) => void said.push(text), onGivenUp: assert.fail },
    publicSocket: assert.fail as never,
  }
  const parts = { stores: [], isStopped: () => false }
  assert.equal(await startWithObservers(options, [], '/nowhere', parts, () => undefined), undefined)
  assert.equal(said.length, 1)
  assert.match(said[0] ?? '', /without --observe: .*sh deploy\/prometheus\/fetch\.sh.*brew install prometheus/)
  assert.deepEqual(parts.stores, [])
})
