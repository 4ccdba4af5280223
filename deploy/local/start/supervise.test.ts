import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { CLOSE_WITHIN_MS } from '@micropay/runtime/close-on-signal'
import { parentListens } from '@micropay/runtime/listen'
import { holdFreePort, holdPort, portOf, release } from '../stores/free-port.ts'
import { serviceOutput } from './service-output.ts'
import { supervise } from './supervise.ts'

const logs = await mkdtemp(join(tmpdir(), 'micropay-supervise-'))
after(() => rm(logs, { recursive: true, force: true }))

/**
 * The long waits of the supervisor last until the test ends them; how long they would have been is kept. Its clock goes
 * on by `pollTakesMs` with each short one.
 */
function startSlow(socket: Server, environment: Readonly<Record<string, string>> = {}, pollTakesMs = 0) {
  const port = portOf(socket)
  const waits: number[] = []
  const said: string[] = []
  const patience = new AbortController()
  let aheadMs = 0
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    sleep: (durationMs, signal) => {
      if (durationMs < 5_000) {
        aheadMs += pollTakesMs
        return systemClock.sleep(durationMs, signal)
      }
      waits.push(durationMs)
      return new Promise((resolve) => patience.signal.addEventListener('abort', () => resolve(true)))
    },
  }
  const url = `http://127.0.0.1:${port}`
  const main = fileURLToPath(new URL('./supervise.fixture.ts', import.meta.url))
  const givenUp = Promise.withResolvers<Error>()
  const service = supervise(
    {
      ...{ name: 'slow', main, socket, readyUrl: `${url}/health/ready` },
      environment: { [parentListens]: 'yes', PORT: String(port), ...environment },
    },
    {
      output: serviceOutput(logs, `slow-${port}`, () => undefined),
      clock,
      say: (text) => said.push(text),
      onGivenUp: givenUp.resolve,
    },
  )
  return {
    ...{ service, waits, said, url, givenUp: givenUp.promise },
    endIt: () => fetch(`${url}/end`).catch(() => undefined),
    loseIt: () => patience.abort(),
  }
}

async function answersAt(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function untilListening(url: string): Promise<void> {
  while ((await fetch(url).catch(() => undefined)) === undefined) await systemClock.sleep(20)
}

/** A program that is none of ours, and says 200 to everything. */
function listenAsStranger(port: number): Promise<Server> {
  const stranger = createServer((_request, response) => response.end('stranger'))
  return new Promise((resolve) => stranger.listen(port, '127.0.0.1', () => resolve(stranger)))
}

test('a service that drains is waited for longer than it may take to close', { timeout: 20_000 }, async () => {
  const { service, waits, said, endIt } = startSlow(await holdFreePort())
  await service.ready()
  const stopped = service.stop()
  assert.equal(waits.length, 1)
  assert.ok((waits[0] ?? 0) > CLOSE_WITHIN_MS, `${waits} ms`)
  await endIt()
  await stopped
  assert.deepEqual(said, [])
})

test('one that never ends is killed, and that is said', { timeout: 20_000 }, async () => {
  const { service, said, loseIt } = startSlow(await holdFreePort())
  await service.ready()
  const stopped = service.stop()
  loseIt()
  await stopped
  assert.deepEqual(said, ['  slow: did not close in time, killed'])
})

test('it is ready when its own process answers, at the address that was held for it, and after a crash too', {
  timeout: 20_000,
}, async () => {
  const { service, url } = startSlow(await holdFreePort())
  await service.ready()
  const first = service.pid()
  assert.equal(await answersAt(url), String(first))
  process.kill(first ?? 0, 'SIGKILL')
  while (service.pid() === first) await systemClock.sleep(20)
  await service.ready()
  assert.equal(await answersAt(url), String(service.pid()))
  service.killNow()
})

test('nobody can take its address between a crash and its next start', { timeout: 20_000 }, async () => {
  const { service, said, url } = startSlow(await holdFreePort())
  await service.ready()
  const port = Number(new URL(url).port)
  for (const signal of ['SIGKILL', 'SIGABRT'] as const) {
    const [before, pid] = [said.length, service.pid()]
    process.kill(pid ?? 0, signal)
    while (said.length === before) await systemClock.sleep(5)
    await assert.rejects(holdPort(port), { code: 'EADDRINUSE' })
    while (service.pid() === pid) await systemClock.sleep(5)
    await service.ready()
    assert.equal(await answersAt(url), String(service.pid()))
  }
  service.killNow()
})

test('a 200 from a program that has its address is not taken for its own', { timeout: 30_000 }, async () => {
  const socket = await holdFreePort()
  const port = await release(socket)
  const stranger = await listenAsStranger(port)
  const { service, said, givenUp } = startSlow(await heldBefore(port))
  const ready = service.ready()
  await assert.rejects(ready, /slow ended 4 times.*EADDRINUSE/s)
  assert.match((await givenUp).message, new RegExp(`EADDRINUSE.*${port}`, 's'))
  assert.equal(said.length, 3)
  stranger.close()
})

/** What is left of a held socket whose port went to another meanwhile: its number. */
async function heldBefore(port: number): Promise<Server> {
  const closed = await holdFreePort()
  await release(closed)
  return Object.assign(closed, { address: () => ({ port, family: 'IPv4', address: '127.0.0.1' }) })
}

test('one that says that it must not go on is not started again, and what it said is told', {
  timeout: 20_000,
}, async () => {
  const last = JSON.stringify({ level: 60, msg: 'this worker must not go on', err: { message: 'another ledger' } })
  const { service, said, givenUp } = startSlow(await holdFreePort(), { SAYS_LAST: last })
  await assert.rejects(service.ready(), /must not go on: this worker must not go on: another ledger/)
  assert.match((await givenUp).message, /another ledger/)
  assert.deepEqual(said, [])
})

test('one whose read model takes more than a minute to build is waited for no longer, and that is said', {
  timeout: 20_000,
}, async () => {
  const building = startSlow(await holdFreePort(), { NOT_READY: 'the read model is being built' }, 61_000)
  await untilListening(building.url)
  await building.service.ready()
  assert.deepEqual(building.said, ['  slow: its read model is being built: it answers after that'])
  building.service.killNow()
  const waiting = startSlow(await holdFreePort(), { NOT_READY: 'it waits for the lease' }, 61_000)
  await untilListening(waiting.url)
  await assert.rejects(waiting.service.ready(), /not ready after 60 s: 503 .*waits for the lease/)
  waiting.service.killNow()
})
