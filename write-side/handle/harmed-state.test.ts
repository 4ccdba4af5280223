import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createMemoryDisk, type MemoryDisk, type MemoryDiskOptions } from '../state/memory/disk.ts'
import { decodeValue, encodeValue } from '../state/partition-tables.ts'
import { createStateOpener } from '../state/state-opener.ts'
import { openLog, stopped } from './booked-ledger.fixture.ts'
import type { CommandResult } from './command.ts'
import { ledgerId, ledgerIn, opening, paying, startOwner, stopOwner, type TestOwner } from './owner.fixture.ts'
import type { OwnerLimits } from './owner-limits.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

/** A ledger in which ben has 30, and the disk with the state of it. */
async function bookedDisk(options: Partial<MemoryDiskOptions> = {}) {
  const { log, records } = await openLog()
  const disk = createMemoryDisk({ clock: systemClock, ...options })
  const owner = ownerOn(log, disk)
  await owner.submit(opening('ada', 'k1', 'unlimited'))
  await owner.submit(opening('ben', 'k2'))
  await owner.submit(paying('k3', 'ada', 'ben', '30'))
  return { log, records, disk, owner }
}

/** As a process that is started anew has it: nothing is known of the disk. */
function ownerOn(log: EventLog, disk: MemoryDisk, limits: Partial<OwnerLimits> = {}): TestOwner {
  return startOwner(log, { openStore: createStateOpener(disk, { ledgerId, partition: 0 }), limits })
}

async function until(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    if (isSo()) return
    await systemClock.sleep(1)
  }
  throw new Error('it never came to that')
}

function makeRich(disk: MemoryDisk): void {
  disk.edit('accounts', 'text', 'main\nben', (value) => {
    const account = decodeValue(value ?? assert.fail('the account is not there'))
    assert.ok(typeof account === 'object')
    return encodeValue({ ...account, balanceMinor: '500000000' })
  })
}

const reasonOf = (result: CommandResult) => (result.kind === 'rejected' ? result.rejection.code : summary(result))

const payAway = (owner: TestOwner, key: string, amount: string) => owner.submit(paying(key, 'ben', 'ada', amount))

test('what an edited balance would pay is refused: the state is folded anew, and that is shown', async () => {
  const { log, disk, owner } = await bookedDisk()
  await owner.stop()
  makeRich(disk)
  const next = ownerOn(log, disk)
  assert.equal(reasonOf(await payAway(next, 'k4', '31')), 'insufficient_funds')
  assert.equal(summary(await payAway(next, 'k5', '30')), 'accepted 5')
  assert.match(next.status().stateDiscarded?.reason ?? '', /its digest is another/)
  assert.equal(disk.discards(), 1)
  await next.stop()
  const after = ownerOn(log, disk)
  assert.equal(summary(await payAway(after, 'k5', '30')), 'accepted 5')
  assert.equal(after.status().stateDiscarded, undefined)
  await stopOwner(after)
})

test('a key whose entry was taken away is not paid again', async () => {
  const { log, disk, owner } = await bookedDisk()
  await owner.stop()
  disk.edit('key-entries', 'number', 3, () => undefined)
  const next = ownerOn(log, disk)
  assert.equal(summary(await next.submit(paying('k3', 'ada', 'ben', '30'))), 'accepted 3')
  await stopOwner(next)
})

test('what is edited while the partition is served is found by the next check, and folded anew', async () => {
  const { log, disk, owner } = await bookedDisk()
  await owner.stop()
  const next = ownerOn(log, disk, { stateCheckMs: 5, heartbeatMs: 20 })
  assert.equal(summary(await payAway(next, 'k4', '1')), 'accepted 4')
  makeRich(disk)
  await until(() => next.status().stateDiscarded !== undefined && next.status().phase === 'serving')
  assert.equal(reasonOf(await payAway(next, 'k5', '30')), 'insufficient_funds')
  assert.equal(summary(await payAway(next, 'k6', '29')), 'accepted 6')
  await stopOwner(next)
})

test('a state that cannot be read while the partition is served is folded anew at once', async () => {
  const { log, disk, owner } = await bookedDisk()
  await owner.stop()
  const next = ownerOn(log, disk, { heartbeatMs: 20 })
  assert.equal(summary(await payAway(next, 'k4', '1')), 'accepted 4')
  await next.stop()
  const last = ownerOn(log, disk, { heartbeatMs: 20 })
  await until(() => last.status().phase === 'serving')
  const noMessagePack = Buffer.of(0xc1)
  disk.edit('accounts', 'text', 'main\nben', () => noMessagePack)
  assert.equal(codeOf(await payAway(last, 'k5', '1')), 'decision_failed')
  await until(() => last.status().stateDiscarded !== undefined && last.status().phase === 'serving')
  assert.equal(summary(await payAway(last, 'k5', '29')), 'accepted 5')
  await stopOwner(last)
})

test('of a state from before the rest is folded', async () => {
  const { log, disk, owner } = await bookedDisk()
  await owner.stop()
  const older = disk.copy()
  const second = ownerOn(log, disk)
  await payAway(second, 'k4', '10')
  await second.stop()
  disk.restore(older)
  const third = ownerOn(log, disk)
  assert.equal(reasonOf(await payAway(third, 'k5', '21')), 'insufficient_funds')
  assert.equal(summary(await payAway(third, 'k4', '10')), 'accepted 4')
  assert.equal(third.status().stateDiscarded, undefined)
  await stopOwner(third)
})

test('a write that was torn when the power failed is folded anew', async () => {
  let chance = 0
  const everyOther = () => {
    chance = 1 - chance
    return chance / 2
  }
  const { log, disk, owner } = await bookedDisk({ nextWrite: () => 'torn', random: everyOther })
  await owner.stop()
  disk.crash()
  const after = ownerOn(log, disk)
  assert.equal(summary(await payAway(after, 'k4', '30')), 'accepted 4')
  assert.ok(after.status().stateDiscarded)
  await stopOwner(after)
})

test('a full disk stops the partition, says so, and loses nothing; with room it goes on by itself', async () => {
  let isFull = false
  const { log, records, disk, owner } = await bookedDisk({ isFull: () => isFull })
  isFull = true
  const results = await Promise.all(
    Array.from({ length: 2_500 }, (_, index) => owner.submit(paying(`many ${index}`, 'ada', 'ben', '1'))),
  )
  assert.match(await stopped(owner), /^stopped: the disk that holds the state \(memory\) is full: make room/)
  assert.match(owner.notServingBecause() ?? '', /is full/)
  const refused = await payAway(owner, 'k4', '1')
  assert.equal(codeOf(refused), 'ledger_stopped')
  const before = records.length
  await systemClock.sleep(200)
  assert.equal(records.length, before, 'nothing is claimed on a disk without room')
  isFull = false
  await until(() => owner.status().phase === 'serving')
  assert.equal(owner.status().stoppedBecause, undefined)
  assert.equal(summary(await payAway(owner, 'k4', '1')).split(' ')[0], 'accepted')
  const { positions } = await ledgerIn(log)
  for (const [index, result] of results.entries()) {
    const count = positions.get(`many ${index}`)?.length ?? 0
    assert.equal(count, result.kind === 'accepted' ? 1 : 0, `many ${index}: ${codeOf(result)}`)
  }
  assert.equal(disk.discards(), 0)
  await stopOwner(owner)
})
