import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShare as createShareOf, type ShareLimits } from './share.ts'

function createShare(...given: Parameters<typeof createShareOf>) {
  const share = createShareOf(...given)
  return { enter: async (caller: string, signal: AbortSignal) => share.enter(caller, signal) }
}

const limits: ShareLimits = {
  ...{ noun: 'reads', most: 3, mostOfCaller: 2, retryAfterSeconds: 1 },
  ...{ mostWaiting: 4, mostWaitingOfCaller: 2 },
}
const forEver = new AbortController().signal
const never = () => assert.fail('it was let in')
const code = (expected: string) => (error: { code?: string }) => error.code === expected

test('what one caller may not have is left to the others', async () => {
  const share = createShare({ ...limits, mostWaiting: 0, mostWaitingOfCaller: 0 })
  await share.enter('ada', forEver)
  await share.enter('ada', forEver)
  await assert.rejects(share.enter('ada', forEver), code('rate_limited'))
  await share.enter('ben', forEver)
  await assert.rejects(share.enter('cleo', forEver), code('overloaded'))
  await assert.rejects(share.enter('ada', forEver), code('rate_limited'))
})

test('a place that was given back is free once, however often it is given back', async () => {
  const share = createShare({ ...limits, mostWaiting: 0, mostWaitingOfCaller: 0 })
  const leave = await share.enter('ada', forEver)
  await share.enter('ada', forEver)
  leave()
  leave()
  await share.enter('ada', forEver)
  await assert.rejects(share.enter('ada', forEver), code('rate_limited'))
})

test('those who wait are let in in turn by caller, not in the order in which they came', async () => {
  const share = createShare({ ...limits, most: 1 })
  let leave = await share.enter('ada', forEver)
  const order: string[] = []
  const waiting = ['ada', 'ada', 'ben', 'cleo'].map(async (caller) => {
    leave = await share.enter(caller, forEver)
    order.push(caller)
  })
  for (let left = waiting.length; left > 0; left -= 1) {
    leave()
    await new Promise(setImmediate)
  }
  assert.deepEqual(order, ['ada', 'ben', 'cleo', 'ada'])
})

test('a caller who may have no more at a time waits, and holds nobody up', async () => {
  const share = createShare(limits)
  const first = await share.enter('ada', forEver)
  await share.enter('ada', forEver)
  let isIn = false
  const third = share.enter('ada', forEver).then(() => (isIn = true))
  await share.enter('ben', forEver)
  assert.equal(isIn, false)
  first()
  await third
})

test('as many wait as may, of one caller and of all', async () => {
  const share = createShare({ ...limits, most: 2 })
  await share.enter('ada', forEver)
  await share.enter('ada', forEver)
  for (const caller of ['ada', 'ada', 'ben', 'ben']) void share.enter(caller, forEver).then(never)
  await assert.rejects(share.enter('ada', forEver), code('rate_limited'))
  await assert.rejects(share.enter('ben', forEver), code('overloaded'))
  await assert.rejects(share.enter('cleo', forEver), code('overloaded'))
})

test('who gives up waiting is let in no more, and leaves room to wait', async () => {
  const share = createShare({ ...limits, most: 1, mostWaiting: 1 })
  const leave = await share.enter('ada', forEver)
  const waiting = new AbortController()
  const given = share.enter('ben', waiting.signal)
  waiting.abort(new Error('late'))
  await assert.rejects(given, /late/)
  const next = share.enter('cleo', forEver)
  leave()
  await next
  await assert.rejects(share.enter('ben', AbortSignal.abort(new Error('late'))), /late/)
})

test('more processes have more places, but one caller has no more of what is held for long', async () => {
  let processes = 1
  const refusing = { ...limits, most: 1, mostOfCaller: 1, mostWaiting: 0, mostWaitingOfCaller: 0 }
  const share = createShare(refusing, () => processes)
  await share.enter('ada', forEver)
  await assert.rejects(share.enter('ben', forEver), code('overloaded'))
  processes = 3
  await assert.rejects(share.enter('ada', forEver), code('rate_limited'))
  await share.enter('ben', forEver)
  await share.enter('cleo', forEver)
  await assert.rejects(share.enter('dora', forEver), code('overloaded'))
  const soonFree = createShare({ ...refusing, mostWaiting: 1 }, () => processes)
  await soonFree.enter('ada', forEver)
  await soonFree.enter('ada', forEver)
})
