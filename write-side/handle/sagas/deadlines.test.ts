import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, slipping } from '@micropay/runtime/hand-clock.fixture'
import { MakePayment } from '@micropay/schemas/api/payment'
import type { CommandResult } from '../command.ts'
import { ledgerId, opening, requestFor, startOwner, stopOwner } from '../owner.fixture.ts'
import { createMessageCodec } from './message-codec.ts'

const partitions = 3
const [ada, ben, cid] = [idOn(0, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]

/** A payment from the one partition that has an owner to two that have none: nothing but its deadline ends it. */
async function payment() {
  const real = createHandClock()
  const store = createMemoryStore(real)
  const log = openMemoryLog(store)
  await log.prepare(partitions)
  const codec = createMessageCodec('a secret of at least thirty-two characters', ledgerId)
  const sagas = { inbox: openMemoryInbox(store), parking: openMemoryParkingLot(), codec }
  const { clock, slip } = slipping(real)
  const start = (directory?: string) =>
    startOwner(log, { partitions, sagas, clock, ...(directory === undefined ? {} : { directory }) })
  let owner = start()
  await owner.submit(opening(ada, ada, 'unlimited'))
  const data = MakePayment.parse({
    legs: [
      { account: ada, amount: '-10', currency: 'EUR' },
      { account: ben, amount: '4', currency: 'EUR' },
      { account: cid, amount: '6', currency: 'EUR' },
    ],
  })
  const ask = async () =>
    saidOf(await owner.submit(requestFor({ type: 'MakePayment', data }, 'p1', { wait: { ms: 0 } })))
  assert.equal(await ask(), 'pending')
  return {
    slip,
    ask,
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 500) {
        real.advance(500)
        await systemClock.sleep(1)
      }
    },
    async restart() {
      await owner.stop()
      owner = start(owner.directory)
      while (owner.notServingBecause() !== undefined) {
        real.advance(5)
        await systemClock.sleep(1)
      }
    },
    stop: () => stopOwner(owner),
  }
}

function saidOf(result: CommandResult): string {
  if (result.kind === 'rejected') return result.rejection.code
  return result.kind === 'accepted' && 'status' in result.answer ? String(result.answer.status) : result.kind
}

for (const [title, slipMs] of [
  ['is right', 0],
  ['jumps ahead', 90_000],
  ['jumps back', -90_000],
] as const) {
  test(`a payment is let go once its time is over, and not before, by a host whose clock ${title}`, async () => {
    const { slip, pass, ask, stop } = await payment()
    slip(slipMs)
    await pass(57_000)
    assert.equal(await ask(), 'pending')
    await pass(5_000)
    assert.equal(await ask(), 'payment_expired')
    await stop()
  })

  test(`so it is by the next owner, on a host whose clock ${title}`, async () => {
    const { slip, pass, ask, restart, stop } = await payment()
    slip(slipMs)
    await restart()
    await pass(50_000)
    assert.equal(await ask(), 'pending')
    await pass(12_000)
    assert.equal(await ask(), 'payment_expired')
    await stop()
  })
}
