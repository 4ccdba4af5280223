import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { accountsProjection } from '../accounts/projection.ts'
import {
  assertConsistent,
  balancesOf,
  begunSchema,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from './projections.fixture.ts'
import { beginRollback } from './rollback.ts'

let projections: Awaited<ReturnType<typeof startProjections>>
beforeEach(async () => {
  projections = await startProjections()
})
afterEach(() => projections.close())

async function openBook() {
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim())
  await projections.append(
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('ada'),
    ...Array.from({ length: 300 }, () => ledger.pay([['cash', 'ada', 2]])),
  )
  return ledger
}

const isLive = (schema: string | undefined) => async () =>
  (await liveSchema(projections.pool)) === schema ? true : undefined

test('a rollback brings the retired version up to date before it takes over, and can be taken back', async () => {
  const ledger = await openBook()
  const worker = projections.startWorker()
  const first = await reached(projections.pool, 302)
  assert.deepEqual(await worker.startRollback(), { kind: 'nothing to go back to', because: undefined })
  const second = await eventually('the rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('the rebuild is live', isLive(second))
  await projections.append(...Array.from({ length: 500 }, () => ledger.pay([['cash', 'ada', 1]])))
  await reached(projections.pool, 802)

  const back = await eventually('the rollback begins', () => begunSchema(worker.startRollback()))
  assert.equal(back, first)
  await eventually('the retired version is live', isLive(first))
  assert.deepEqual(await balancesOf(projections.pool, first), { ada: '1100', cash: '-1100' })
  await assertConsistent(projections.pool, first, 800, 800)
  await projections.append(ledger.pay([['cash', 'ada', 1]]))
  assert.equal(await reached(projections.pool, 803), first, 'it is followed from there')

  const again = await eventually('the next rollback begins', () => begunSchema(worker.startRollback()))
  assert.equal(again, second)
  await eventually('the rebuilt version is live again', isLive(second))
  await assertConsistent(projections.pool, second ?? '', 801, 801)
})

test('a rollback needs nothing of the log behind the live version', async () => {
  const ledger = await openBook()
  const worker = projections.startWorker()
  const first = await reached(projections.pool, 302)
  const second = await eventually('the rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('the rebuild is live', isLive(second))
  await projections.append(ledger.pay([['cash', 'ada', 1]]))
  await projections.append({ key: 'x', value: new TextEncoder().encode('{"not":"a record"}') })
  await eventually('the live version stands still', async () => (worker.troubledBy() ? true : undefined))
  assert.equal(await eventually('the rollback begins', () => begunSchema(worker.startRollback())), first)
  await eventually('the retired version is live', isLive(first))
  assert.deepEqual(await balancesOf(projections.pool, first), { ada: '601', cash: '-601' })
})

test('a rollback that died leaves the version retired, for the next rollback or rebuild', async () => {
  await openBook()
  const worker = projections.startWorker()
  const first = await reached(projections.pool, 302)
  const second = await eventually('the rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('the rebuild is live', isLive(second))
  const begun = await beginRollback(projections.pool, accountsProjection)
  assert.deepEqual(begun, { kind: 'begun', schema: first }, 'and then its process dies')
  assert.equal(await eventually('the next begins', () => begunSchema(worker.startRollback())), first)
  await eventually('the retired version is live', isLive(first))
})
