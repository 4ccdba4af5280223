import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, slipping } from '@micropay/runtime/hand-clock.fixture'
import { MakePayment } from '@micropay/schemas/api/payment'
import { lmdbDisk } from '../../state/lmdb/disk.ts'
import { createStateOpener } from '../../state/state-opener.ts'
import type { CommandRequest, CommandResult } from '../command.ts'
import { ledgerId, opening, requestFor, startOwner, stopOwner } from '../owner.fixture.ts'
import { refunding } from '../refunds.fixture.ts'
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
  const start = (directory: string) =>
    startOwner(log, { partitions, sagas, clock, directory, openStore: openerOf(directory) })
  let owner = start(mkdtempSync(join(tmpdir(), 'micropay-owner-')))
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
    submit: (request: CommandRequest) => owner.submit(request),
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 500) {
        real.advance(500)
        await systemClock.sleep(1)
      }
    },
    async restart(restMs = 0) {
      await owner.stop()
      real.advance(restMs)
      owner = start(owner.directory)
      while (owner.notServingBecause() !== undefined) {
        real.advance(5)
        await systemClock.sleep(1)
      }
    },
    stop: () => stopOwner(owner),
  }
}

const openerOf = (directory: string) =>
  createStateOpener(lmdbDisk(directory, 0, systemClock), { ledgerId, partition: 0, keyRetentionDays: 1 })

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

test('what became of a payment is known to a refund of it for as long as its key is', async () => {
  const { pass, submit, ask, restart, stop } = await payment()
  const refund = async (key: string) => {
    const told = await submit(refunding(key, 'pay-0-2'))
    return told.kind === 'rejected' ? told.rejection.detail : told.kind
  }
  assert.match(await refund('r1'), /has not come about/)
  await pass(62_000)
  assert.equal(await ask(), 'payment_expired')
  assert.match(await refund('r2'), /was refused/)
  for (const day of [1, 2]) {
    await restart(86_400_000)
    await submit(opening(idOn(0, partitions, `day${day}`), `day ${day}`))
  }
  assert.match(await refund('r3'), /is too old/)
  await stop()
})
