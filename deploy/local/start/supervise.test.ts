import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { CLOSE_WITHIN_MS } from '@micropay/runtime/close-on-signal'
import { freePort } from '../stores/free-port.ts'
import { supervise } from './supervise.ts'

/** The long waits of the supervisor last until the test ends them; how long they would have been is kept. */
async function startSlow() {
  const port = await freePort()
  const waits: number[] = []
  const said: string[] = []
  const patience = new AbortController()
  const clock: Clock = {
    ...systemClock,
    sleep: (durationMs, signal) => {
      if (durationMs < 5_000) return systemClock.sleep(durationMs, signal)
      waits.push(durationMs)
      return new Promise((resolve) => patience.signal.addEventListener('abort', () => resolve(true)))
    },
  }
  const url = `http://127.0.0.1:${port}`
  const main = fileURLToPath(new URL('./supervise.fixture.ts', import.meta.url))
  const service = supervise(
    { name: 'slow', main, environment: { PORT: String(port) }, readyUrl: `${url}/health/ready` },
    {
      output: { descriptor: 2, line: () => undefined, lastLines: () => [] },
      clock,
      say: (text) => said.push(text),
      onGivenUp: assert.ifError,
    },
  )
  await service.ready()
  return {
    service,
    waits,
    said,
    endIt: () => fetch(`${url}/end`).catch(() => undefined),
    loseIt: () => patience.abort(),
  }
}

test('a service that drains is waited for longer than it may take to close', { timeout: 20_000 }, async () => {
  const { service, waits, said, endIt } = await startSlow()
  const stopped = service.stop()
  assert.equal(waits.length, 1)
  assert.ok((waits[0] ?? 0) > CLOSE_WITHIN_MS, `${waits} ms`)
  await endIt()
  await stopped
  assert.deepEqual(said, [])
})

test('one that never ends is killed, and that is said', { timeout: 20_000 }, async () => {
  const { service, said, loseIt } = await startSlow()
  const stopped = service.stop()
  loseIt()
  await stopped
  assert.deepEqual(said, ['  slow: did not close in time, killed'])
})
