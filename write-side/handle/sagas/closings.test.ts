import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { systemClock } from '@micropay/runtime/clock'
import { digestOfSeals } from '@micropay/runtime/period-seals'
import { dayIn } from '@micropay/schemas/days'
import type { PeriodId } from '@micropay/schemas/identifiers'
import type { CommandRequest } from '../command.ts'
import { requestFor, stopOwner } from '../owner.fixture.ts'
import { summary } from '../partition-owner.contract.ts'
import { startLedger } from './sagas.contract.ts'

const PARTITIONS = 4
const [home, ada, ben] = [idOn(0, PARTITIONS, 'home'), idOn(3, PARTITIONS, 'ada'), idOn(1, PARTITIONS, 'ben')]
const DAY_MS = 86_400_000
const yesterday = () => dayIn('UTC', new Date(systemClock.nowMs() - DAY_MS).toISOString())

test('a period is closed once all partitions have sealed it', async () => {
  const ledger = await begun()
  const closed = await ledger.submit(closing('c1', 5_000))
  assert.deepEqual(
    [summary(closed), statusOf(closed), closed.kind === 'accepted' && closed.seenAt?.length],
    ['accepted 1', 'closed', 4],
  )
  assert.deepEqual(await ledger.submit(closing('c1', 0)), { ...closed, replayed: true })
  const late = (key: string) => ledger.submit(backdated(key))
  for (let turn = 0; turn < 100 && summary(await late(`late ${turn}`)).startsWith('accepted'); turn += 1) {
    await systemClock.sleep(20)
  }
  assert.match(summary(await late('late')), /period_closed$/)
  await ledger.stop()
})

test('while a partition is away its caller is told that it is under way; it goes on once it is back', async () => {
  const ledger = await begun()
  await stopOwner(ledger.ownerOf(ben))
  const first = await ledger.submit(closing('c1', 0))
  assert.deepEqual([summary(first), statusOf(first)], ['accepted 1', 'closing'])
  assert.match(summary(await ledger.submit(closing('c2', 0))), /period_closing$/)
  await ledger.restart(home)
  await ledger.restart(ben)
  assert.equal(statusOf(await ledger.submit(closing('c1', 20_000))), 'closed')
  await ledger.stop()
})

test('one that is called off is told so to whoever asked for it, and its days are open again', async () => {
  const ledger = await begun()
  await stopOwner(ledger.ownerOf(ben))
  const first = await ledger.submit(closing('c1', 0))
  const periodId = (first.kind === 'accepted' && 'periodId' in first.answer && first.answer.periodId) as PeriodId
  const off = { type: 'CallOffPeriod' as const, data: { periodId, reason: 'an invoice came late' } }
  assert.equal(statusOf(await ledger.submit(requestFor(off, 'off'))), 'called_off')
  assert.match(summary(await ledger.submit(closing('c1', 0))), /^rejected 1 period_called_off$/)
  await ledger.restart(ben)
  const paid = async (key: string) => summary(await ledger.submit(backdated(key)))
  for (let turn = 0; turn < 200 && !(await paid(`late ${turn}`)).startsWith('accepted'); turn += 1) {
    await systemClock.sleep(20)
  }
  assert.match(await paid('late'), /^accepted/)
  await ledger.stop()
})

async function begun() {
  const store = createMemoryStore()
  const ledger = await startLedger(async (partitions) => {
    await openMemoryLog(store).prepare(partitions)
    return () => ({ log: openMemoryLog(store), inbox: openMemoryInbox(store) })
  })
  await ledger.open()
  return ledger
}

/** As all partitions stood before anything was booked: whatever was is not of that day. */
function closing(key: string, ms: number): CommandRequest {
  const seals = [0, 1, 2, 3].map((partition) => ({ partition, seq: 0, digest: 'd'.repeat(43) }))
  const data = { through: yesterday(), seq: 0, digest: digestOfSeals(seals), seals }
  return requestFor({ type: 'ClosePeriod', data }, key, { wait: { ms } })
}

function backdated(key: string): CommandRequest {
  const data = {
    postings: [{ from: idOn(3, PARTITIONS, 'bank'), to: ada, amount: '1', currency: 'EUR' as const }],
    effectiveAt: `${yesterday()}T12:00:00.000Z`,
  }
  return requestFor({ type: 'MakePayment', data } as CommandRequest['command'], key)
}

function statusOf(result: { readonly answer?: unknown } | object): unknown {
  return 'answer' in result ? (result.answer as { readonly status?: unknown }).status : undefined
}
