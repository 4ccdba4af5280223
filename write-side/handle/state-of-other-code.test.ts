import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { storeFold } from '@micropay/event-log/fold-state'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { open } from 'lmdb'
import { accept, bookedLedger, pay, stopped } from './booked-ledger.fixture.ts'
import { openState, startOwner, stopOwner } from './owner.fixture.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

/** A ledger of five commits whose state on disk was written by version 4 of the code, as far as anybody reads that. */
async function bookedByOtherCode() {
  const booked = await bookedLedger()
  const { store } = await openState(booked.directory)
  const fold = store.mark()?.fold
  assert.ok(fold)
  await store.close()
  for (const name of readdirSync(booked.directory)) rmSync(join(booked.directory, name), { recursive: true })
  const { partition, genesis, epoch, claimId, seq, hash, offset, voids } = storeFold(fold)
  const lastCommit = { offset: String(fold.countedAt), previousHash: fold.previousHash }
  const other = join(booked.directory, 'partition-0-v4')
  mkdirSync(other)
  const root = open({ path: other, maxDbs: 8 })
  await root.openDB({ name: 'meta', encoding: 'json' }).put('mark', {
    ...{ version: 4, fold: { partition, genesis, epoch, claimId, seq, hash, offset, voids } },
    ...{ lastCommit, lastDecidedAt: fold.decidedAt, unindexedFrom: 1 },
  })
  await root.close()
  return { ...booked, other }
}

test('a state of other code is folded anew, and goes once there is one of this code', async () => {
  const { log, directory, other } = await bookedByOtherCode()
  const owner = startOwner(log, { directory })
  assert.equal(summary(await pay(owner, 'k4')), 'accepted 4')
  assert.equal(summary(await pay(owner, 'k6')), 'accepted 6')
  await owner.stop()
  assert.equal(existsSync(other), false)
  await stopOwner(owner)
})

test('a log that a state of other code was ahead of is not served, however often it is tried', async () => {
  const { log, records, directory, other } = await bookedByOtherCode()
  const whole = records.splice(5)
  for (let start = 0; start < 2; start += 1) {
    const owner = startOwner(log, { directory })
    assert.match(await stopped(owner), /ends at offset 5, and up to 0:5 /)
    assert.equal(codeOf(await pay(owner, 'k6')), 'ledger_stopped')
    await owner.stop()
    assert.ok(existsSync(other))
  }
  assert.equal(records.length, 5)
  records.push(...whole)
  const healed = startOwner(log, { directory })
  assert.equal(summary(await pay(healed, 'k5')), 'accepted 5')
  await stopOwner(healed)
})

test('what a person accepts goes on from above what a state of other code had', async () => {
  const { log, records, directory, other } = await bookedByOtherCode()
  records.splice(5)
  await accept(log, 5)
  const owner = startOwner(log, { directory })
  assert.equal(summary(await pay(owner, 'k6')), 'accepted 7')
  await owner.stop()
  assert.equal(existsSync(other), false)
  await stopOwner(owner)
})

test('a state of other code that cannot be read says nothing', async () => {
  const { log, directory, other } = await bookedByOtherCode()
  writeFileSync(join(other, 'data.mdb'), 'garbage')
  const owner = startOwner(log, { directory })
  assert.equal(summary(await pay(owner, 'k4')), 'accepted 4')
  await owner.stop()
  assert.equal(existsSync(other), false)
  await stopOwner(owner)
})

test('on a state that newer code kept no claim is made in its generation', async () => {
  const { log, records, directory } = await bookedLedger()
  const before = records.length
  const openStore = async () => {
    const opened = await openState(directory)
    const mark = () => {
      const kept = opened.store.mark()
      return kept && { ...kept, fold: { ...kept.fold, generation: EVENT_GENERATION + 1 } }
    }
    return { ...opened, store: { ...opened.store, mark } }
  }
  const owner = startOwner(log, { directory, openStore })
  assert.match(await stopped(owner), /a claim of newer code \(then upgrade this process\)/)
  assert.equal(records.length, before)
  await stopOwner(owner)
})
