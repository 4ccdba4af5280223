import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort, holdFreePort, holdPort, onFreePort, PortInUseError, portOf, release } from './free-port.ts'

test('a port that is held can be had by nobody, and is free when it is released', async () => {
  const held = await holdFreePort()
  const port = portOf(held)
  await assert.rejects(holdPort(port), { code: 'EADDRINUSE' })
  assert.equal(await release(held), port)
  await release(await holdPort(port))
})

test('a number that was given to one program is given to no other, were it not listened on yet', async () => {
  const ports: number[] = []
  for (let time = 0; time < 300; time += 1) ports.push(await freePort())
  assert.equal(new Set(ports).size, ports.length)
  assert.ok(ports.every((port) => port >= 10_240 && port < 32_768))
})

test('a server is started on its usual port, or on another when that is taken, while it is started too', async () => {
  const usual = await freePort()
  const held = await holdPort(usual)
  const tried: number[] = []
  const startedOn = await onFreePort(usual, async (port) => {
    tried.push(port)
    if (tried.length < 3) throw new PortInUseError(`${port}`)
    return port
  })
  assert.equal(new Set([usual, ...tried]).size, 4, `${tried}`)
  assert.equal(startedOn, tried.at(-1))
  await release(held)
  assert.equal(await onFreePort(usual, async (port) => port), usual)
})

test('what keeps it from starting otherwise is told at once, and a port that is never free in the end', async () => {
  let times = 0
  const failing = (error: Error) =>
    onFreePort(undefined, async () => {
      times += 1
      throw error
    })
  await assert.rejects(failing(new Error('damaged')), /damaged/)
  assert.equal(times, 1)
  await assert.rejects(failing(new PortInUseError('in use')), /in use/)
  assert.equal(times, 6)
})
