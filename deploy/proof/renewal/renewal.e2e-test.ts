import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'

test('all workers, read services and gateways are renewed under load, and no request fails', async () => {
  const { code, output } = await run('deploy/proof/renewal/main.ts', [], {}).ended
  assert.equal(code, 0, output)
  assert.match(output, /No request failed\./)
})
