import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { ofAmount } from '@micropay/event-log/ledger-records.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { verifyPartition } from '../verify/verify-partition.ts'
import { accept, bookedLedger, openLog, pay, stopped } from './booked-ledger.fixture.ts'
import { ledgerIn, opening, passingLease, startOwner, stopOwner, type TestOwner } from './owner.fixture.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

function changed(record: LogRecord, from: string, to: string): LogRecord {
  const text = new TextDecoder().decode(record.value)
  assert.ok(text.includes(from))
  return { ...record, value: new TextEncoder().encode(text.replace(from, to)) }
}

/** Whoever stopped looks again after a while: an owner that is started anew looks at once. */
async function restarted(owner: TestOwner, log: EventLog): Promise<TestOwner> {
  await owner.stop()
  return startOwner(log, { directory: owner.directory })
}

const damages: readonly [string, RegExp, (records: LogRecord[]) => void][] = [
  ['that lost acknowledged commits', /ends at offset/, (records) => void records.splice(5)],
  [
    'that lost acknowledged commits and has outgrown them since',
    /not the one that was read/,
    (records) => records.splice(6, 1, { ...(records[0] as LogRecord), offset: 6n }),
  ],
  ['that is empty again', /is empty/, (records) => void records.splice(0)],
  [
    'whose newest commit was changed',
    /the record at 0:5 .* is not the one/,
    (records) => records.splice(6, 1, ofAmount(records[6] as LogRecord, '10', '90')),
  ],
  [
    'whose claim is another one',
    /the claim of epoch 1/,
    (records) => records.splice(1, 1, changed(records[1] as LogRecord, '"claimId":"', '"claimId":"X')),
  ],
]

for (const [title, reason, damage] of damages) {
  test(`an owner that meets a log ${title} decides nothing, keeps its state and says why`, async () => {
    const { log, records, directory } = await bookedLedger()
    const whole = records.slice()
    damage(records)
    const before = records.length
    const owner = startOwner(log, { directory })
    assert.match(await stopped(owner), reason)
    assert.match(owner.notServingBecause() ?? '', reason)
    assert.equal(owner.status().phase, 'stopped')
    const refused = await pay(owner, 'k6')
    assert.equal(codeOf(refused), 'ledger_stopped')
    assert.equal(records.length, before)
    assert.deepEqual(owner.fatal, [])
    records.splice(0, records.length, ...whole)
    const healed = await restarted(owner, log)
    assert.equal(summary(await pay(healed, 'k6')), 'accepted 6')
    assert.equal(summary(await pay(healed, 'k4')), 'accepted 4')
    await stopOwner(healed)
  })
}

const alarms: readonly [string, RegExp, (records: LogRecord[]) => void][] = [
  [
    'a changed byte',
    /does not continue the hash chain at 0:5/,
    (records) => records.splice(5, 1, ofAmount(records[5] as LogRecord, '10', '90')),
  ],
  [
    'a record that is none any more',
    /bytes are no record any more after 0:3/,
    (records) => records.splice(5, 1, changed(records[5] as LogRecord, '{"specversion"', '["specversion"')),
  ],
  [
    'an epoch whose claim is cut out',
    /an epoch that nobody claimed: .* at 0:3/,
    (records) => records.splice(4, 3, ...[changed(records[4] as LogRecord, '"epoch":1', '"epoch":7')]),
  ],
]

for (const [title, reason, damage] of alarms) {
  test(`an owner without a state of its own that reads ${title} claims nothing until a person accepts it`, async () => {
    const { log, records } = await bookedLedger()
    damage(records)
    const before = records.length
    const owner = startOwner(log)
    assert.match(await stopped(owner), reason)
    assert.equal(codeOf(await pay(owner, 'k6')), 'ledger_stopped')
    assert.equal(records.length, before)
    await accept(log, 5)
    const resumed = await restarted(owner, log)
    const paid = await pay(resumed, 'k6')
    assert.ok(paid.kind === 'accepted' && (paid.position?.seq ?? 0) > 6, summary(paid))
    await stopOwner(resumed)
  })
}

test('commits behind a claim whose epoch was raised are evidence, and not those of a deposed owner', async () => {
  const { log, records } = await bookedLedger()
  const whole = records.slice()
  records.splice(1, 1, changed(records[1] as LogRecord, '"epoch":1', '"epoch":7'))
  const owner = startOwner(log)
  assert.match(await stopped(owner), /an epoch that nobody claimed: .* at 0:1/)
  assert.equal(records.length, whole.length)
  const { signal } = new AbortController()
  const { verification } = await verifyPartition(log, 0, { clock: systemClock, signal })
  assert.deepEqual([verification.sound, verification.faults[0]?.code], [false, 'epoch_never_claimed'])
  records.splice(0, records.length, ...whole)
  const healed = await restarted(owner, log)
  assert.equal(summary(await pay(healed, 'k6')), 'accepted 6')
  await stopOwner(healed)
})

test('what a person accepted is folded anew, and no position is given twice', async () => {
  const { log, records, directory } = await bookedLedger()
  records.splice(5)
  const owner = startOwner(log, { directory })
  await stopped(owner)
  await accept(log, 5)
  const resumed = await restarted(owner, log)
  const paid = await pay(resumed, 'k4')
  assert.ok(paid.kind === 'accepted' && (paid.position?.seq ?? 0) > 6, 'the key was lost with its commit')
  assert.equal(summary(await pay(resumed, 'k3')), 'accepted 3')
  assert.equal((await ledgerIn(log)).balances.get('ben'), 20n)
  await stopOwner(resumed)
})

test('a worker that could not see the end of the log has forked it: the next one stops', async () => {
  const { log, records } = await bookedLedger()
  const tail = records.splice(4)
  const blind = startOwner(log)
  assert.equal(summary(await pay(blind, 'other')), 'accepted 3')
  await stopOwner(blind)
  const forked = records.splice(4)
  records.push(...[...tail, ...forked].map((record, index) => ({ ...record, offset: BigInt(4 + index) })))
  const owner = startOwner(log)
  assert.match(await stopped(owner), /a fork at 0:3/)
  await stopOwner(owner)
})

test('an owner whose log is cut while it serves stops, and so does the next one', async () => {
  const { log, records } = await openLog()
  const owner = startOwner(log)
  for (const id of ['ada', 'ben', 'eve']) await owner.submit(opening(id, id, 'unlimited'))
  records.splice(3)
  const answer = await Promise.race([pay(owner, 'k4'), stopped(owner)])
  assert.ok(typeof answer === 'string' || answer.kind === 'refused')
  assert.match(await stopped(owner), /lost records/)
  const next = await restarted(owner, log)
  assert.match(await stopped(next), /stopped: /)
  await stopOwner(next)
})

test('a state of another ledger is thrown away', async () => {
  const { directory } = await bookedLedger()
  const { log } = await openLog()
  const owner = startOwner(log, { directory, ledgerId: 'another' })
  assert.equal(summary(await owner.submit(opening('zoe', 'k1'))), 'accepted 1')
  await stopOwner(owner)
})

for (const [title, keys] of [
  ['as many as were cut off', ['k3']],
  ['more than were cut off', ['k3', 'k4']],
] as const) {
  test(`an owner whose claim alone was cut off stops when another has written ${title} in its place`, async () => {
    const { log, records } = await openLog()
    const first = startOwner(log, { ownerId: 'first' })
    for (const id of ['ada', 'ben']) await first.submit(opening(id, id, 'unlimited'))
    const second = startOwner(log, { ownerId: 'second' })
    while (second.status().phase !== 'serving') await systemClock.turn()
    records.pop()
    for (const key of keys) assert.match(summary(await pay(first, key)), /accepted/)
    const told = await Promise.race([pay(second, 'k5').then(summary), stopped(second)])
    assert.match(told, /stopped|refused/)
    assert.match(await stopped(second), /is not the one that was read before/)
    await Promise.all([stopOwner(first), stopOwner(second)])
  })
}

test('an owner below which the log was replaced notices it while it serves', async () => {
  const time = createHandClock()
  const { log, records } = await openLog(time)
  const owner = startOwner(log, { clock: time })
  for (const id of ['ada', 'ben', 'eve']) await owner.submit(opening(id, id, 'unlimited'))
  const other = await bookedLedger(time)
  records.splice(0, records.length, ...other.records.slice(0, records.length))
  while (owner.status().stoppedBecause === undefined) {
    time.advance(1_000)
    await systemClock.turn()
  }
  assert.match(await stopped(owner), /is not the one that was read before/)
  await stopOwner(owner)
})

test('a standby below which the log was replaced takes nothing over', async () => {
  const { log, records } = await openLog()
  const lease = passingLease(['first', 'second'])
  const first = startOwner(log, { ownerId: 'first', lease: lease.of('first') })
  const second = startOwner(log, { ownerId: 'second', lease: lease.of('second') })
  for (const id of ['ada', 'ben', 'eve']) await first.submit(opening(id, id, 'unlimited'))
  while (second.status().seq < 3) await systemClock.turn()
  await stopOwner(first)
  const other = await bookedLedger()
  records.splice(0, records.length, ...other.records.slice(0, records.length))
  lease.pass()
  assert.match(await stopped(second), /is not the one that was read before/)
  assert.equal(codeOf(await pay(second, 'k9')), 'ledger_stopped')
  await stopOwner(second)
})

test('a worker below which the log was replaced as it claimed decides nothing', async () => {
  const { log, records, directory } = await bookedLedger()
  const other = await bookedLedger()
  let isWhole = true
  const replaced: EventLog = {
    ...log,
    async openAppender(partition) {
      const appender = await log.openAppender(partition)
      return {
        append(given) {
          if (isWhole) records.splice(0, records.length, ...other.records.slice(0, records.length))
          isWhole = false
          return appender.append(given)
        },
        close: () => appender.close(),
      }
    },
  }
  const owner = startOwner(replaced, { directory })
  const told = await Promise.race([pay(owner, 'k9').then(summary), stopped(owner)])
  assert.match(told, /stopped|refused/)
  assert.match(await stopped(owner), /is not the one that was read before/)
  await stopOwner(owner)
})

test('what was acknowledged is on disk soon, so that an owner that was killed knows what the log lost', async () => {
  const clock = createHandClock()
  const { log } = await openLog(clock)
  const owner = startOwner(log, { clock })
  await owner.submit(opening('ada', 'ada'))
  clock.advance(1_000)
  while (owner.status().stateLagCommits > 0) await systemClock.turn()
  await stopOwner(owner)
})

test('a standby follows the log, and has nothing to read when it takes over', async () => {
  const { log } = await openLog()
  const lease = passingLease(['first', 'second'])
  const first = startOwner(log, { ownerId: 'first', lease: lease.of('first') })
  const second = startOwner(log, { ownerId: 'second', lease: lease.of('second') })
  for (const [id, limit] of [
    ['ada', 'unlimited'],
    ['ben', '0'],
  ] as const)
    await first.submit(opening(id, id, limit))
  while (second.status().seq < 2) await systemClock.turn()
  assert.equal(second.status().phase, 'waiting for the lease')
  await stopOwner(first)
  await stopOwner(second)
})
