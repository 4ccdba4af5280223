import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import { readUsualPayment } from '@micropay/schemas/log/usual-payment'
import { accountKey, accounts } from '../decide/account.ts'
import { BATCH_BYTES } from './group-commit.ts'
import {
  type Fault,
  faultyLog,
  freeLease,
  ledgerIn,
  opening,
  openState,
  passingLease,
  paying,
  requestFor,
  standingLog,
  startOwner,
  stopOwner,
  submitUntilDecided,
} from './owner.fixture.ts'
import { codeOf, describePartitionOwner, summary } from './partition-owner.contract.ts'

async function memoryLog(clock?: Clock) {
  const log = openMemoryLog(createMemoryStore(clock))
  await log.prepare(1)
  return log
}

describePartitionOwner('memory', async () => {
  const store = createMemoryStore()
  await openMemoryLog(store).prepare(1)
  return () => openMemoryLog(store)
})

test('whatever faults two rivals meet, every acknowledged command counts exactly once, where it was said', async () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    const random = randomFrom(seed)
    const log = await memoryLog()
    const pick = (): Fault =>
      random() < 0.7 ? 'pass' : ((['lose-answer', 'never', 'late'] as const)[Math.floor(random() * 3)] ?? 'pass')
    let faultsOn = true
    const faulty = faultyLog(log, () => (faultsOn ? pick() : 'pass'))
    const lease = passingLease(['first', 'second'])
    const owners = ['first', 'second'].map((ownerId) => startOwner(faulty.log, { ownerId, lease: lease.of(ownerId) }))
    await submitUntilDecided(owners, opening('ada', 'a', '300'))
    await submitUntilDecided(owners, opening('ben', 'b', '300'))
    const acknowledged = new Map<string, string>()
    const clients = Array.from({ length: 20 }, async (_, index) => {
      const [from, to] = index % 3 === 0 ? ['ben', 'ada'] : ['ada', 'ben']
      const preferred = random() < 0.5 ? owners : [...owners].reverse()
      const result = await submitUntilDecided(preferred, paying(`k${index}`, from ?? '', to ?? '', String(20 + index)))
      acknowledged.set(`k${index}`, summary(result))
      if (random() < 0.3) await faulty.release()
      if (random() < 0.3) lease.pass()
    })
    await Promise.all(clients)
    faultsOn = false
    await faulty.release()
    const ledger = await ledgerIn(log)
    for (const [key, said] of acknowledged) {
      assert.match(
        said,
        new RegExp(`^(accepted|rejected) ${ledger.positions.get(key)?.join()}\\b`),
        `seed ${seed}: ${key}`,
      )
    }
    assert.ok(
      [...ledger.positions.values()].every((places) => places.length === 1),
      `seed ${seed}: a key counts twice`,
    )
    assert.ok(
      [...ledger.balances.values()].every((balance) => balance >= -300n),
      `seed ${seed}: a limit is broken`,
    )
    for (const owner of owners) await stopOwner(owner)
  }
})

for (const [fault, outcome] of [
  ['lose-answer', 'accepted 3'],
  ['never', 'refused not_owner'],
] as const) {
  test(`a worker without its lease reads from the log what became of a doubtful append (${fault}): ${outcome}`, async () => {
    const log = await memoryLog()
    const lease = passingLease(['first', 'second'])
    let next: Fault = 'pass'
    const faulty = faultyLog(log, () => {
      if (next !== 'pass') lease.pass()
      return next
    })
    const first = startOwner(faulty.log, { ownerId: 'first', lease: lease.of('first') })
    await first.submit(opening('ada', 'k1', '100'))
    await first.submit(opening('ben', 'k2'))
    const second = startOwner(log, { ownerId: 'second', lease: lease.of('second') })
    next = fault
    const doubtful = first.submit(paying('k3', 'ada', 'ben', '60'))
    assert.equal(summary(await doubtful), outcome)
    assert.equal(summary(await submitUntilDecided([second], paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
    await stopOwner(first)
    await stopOwner(second)
  })
}

test('a dry run says what would happen, and appends nothing', async () => {
  const log = await memoryLog()
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  const tried = await owner.submit(paying('', 'ada', 'ben', '60', { dryRun: true }))
  assert.equal(summary(tried), 'accepted nowhere')
  assert.equal(tried.kind === 'accepted' && 'paymentId' in tried.answer && tried.answer.paymentId, null)
  assert.equal(
    summary(await owner.submit(paying('', 'ada', 'ben', '101', { dryRun: true }))),
    'rejected nowhere insufficient_funds',
  )
  assert.equal((await ledgerIn(log)).state.seq, 2)
  await stopOwner(owner)
})

test('a payment is written in the layout that readers read without JSON.parse', async () => {
  const log = await memoryLog()
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  const more = { reference: 'invoice 17', description: 'Miete März', metadata: { order: '576' } }
  const data = MakePayment.parse({ postings: [{ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }], ...more })
  await owner.submit(requestFor({ type: 'MakePayment', data }, 'k3'))
  const [record] = await readRecords(log, 0, (await log.end(0)) - 1n, 1)
  const read = readUsualPayment(new TextDecoder().decode(record?.value))
  assert.equal(read?.idempotencyKey, 'k3')
  await stopOwner(owner)
})

test('a command that throws while it is decided fails alone', async () => {
  const owner = startOwner(await memoryLog())
  const broken = paying('k3', 'ada', 'ben', '60')
  if (broken.command.type === 'MakePayment') Object.assign(broken.command.data.postings?.[0] ?? {}, { amount: 'much' })
  const results = await Promise.all([
    owner.submit(opening('ada', 'k1', '100')),
    owner.submit(opening('ben', 'k2')),
    owner.submit(broken),
    owner.submit(paying('k4', 'ada', 'ben', '60')),
  ])
  assert.deepEqual(results.map(summary), ['accepted 1', 'accepted 2', 'refused decision_failed', 'accepted 3'])
  await stopOwner(owner)
})

test('a key that is being decided is in flight for the same request, and taken for another', async () => {
  const owner = startOwner(await memoryLog())
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'idempotency_key_in_flight')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '61'))), 'idempotency_key_reused')
  assert.equal(summary(await first), 'accepted 3')
  await stopOwner(owner)
})

test('another client, and another person at the same client, may use the same key for another request', async () => {
  const owner = startOwner(await memoryLog())
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  assert.equal(summary(await owner.submit(paying('k3', 'ada', 'ben', '1'))), 'accepted 3')
  const other = { actor: { subject: 'operator:olga', client: 'another' } }
  assert.equal(summary(await owner.submit(paying('k3', 'ada', 'ben', '2', other))), 'accepted 4')
  const person = { actor: { subject: 'operator:oscar', client: 'test' } }
  assert.equal(summary(await owner.submit(paying('k3', 'ada', 'ben', '1', person))), 'accepted 5')
  await stopOwner(owner)
})

test('commands that together pass the largest append are decided in several, in order', async () => {
  const log = await memoryLog()
  let largest = 0
  const measured = {
    ...log,
    openAppender: async (partition: number) => {
      const appender = await log.openAppender(partition)
      const append: typeof appender.append = (records) => {
        largest = Math.max(
          largest,
          records.reduce((sum, record) => sum + record.value.byteLength, 0),
        )
        return appender.append(records)
      }
      return { ...appender, append }
    },
  }
  const owner = startOwner(measured)
  await owner.submit(opening('ada', 'k1', 'unlimited'))
  await owner.submit(opening('ben', 'k2'))
  const postings = Array.from({ length: 100 }, () => ({ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }))
  const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${index}`, 'x'.repeat(500)]))
  const command = { type: 'MakePayment' as const, data: MakePayment.parse({ postings, metadata }) }
  const results = await Promise.all(
    Array.from({ length: 600 }, (_, index) => owner.submit(requestFor(command, `large-${index}`))),
  )
  assert.deepEqual(
    results.map((result) => (result.kind === 'accepted' ? result.position?.seq : result)),
    Array.from({ length: 600 }, (_, index) => index + 3),
  )
  assert.ok(largest > BATCH_BYTES && largest < BATCH_BYTES + 64 * 1024, `${largest} bytes in one append`)
  await stopOwner(owner)
})

test('a full queue refuses, and appends nothing', async () => {
  const owner = startOwner(await memoryLog(), { limits: { queuedCommands: 2 } })
  await owner.submit(opening('ada', 'k1', '100'))
  const results = await Promise.all([1, 2, 3].map((index) => owner.submit(paying(`q${index}`, 'ada', 'ada2', '1'))))
  assert.equal(results.map(codeOf).filter((code) => code === 'overloaded').length, 1)
  await stopOwner(owner)
})

test('a caller whose outcome stays unknown is told so in time, and finds it with the same key', async () => {
  const clock = createHandClock()
  const log = await memoryLog(clock)
  const standing = standingLog(log)
  const owner = startOwner(standing.log, { clock, limits: { answerWithinMs: 60 } })
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  const arrived = standing.hold()
  const drafted = owner.submit(paying('k3', 'ada', 'ben', '60'))
  await arrived
  const queued = owner.submit(paying('k4', 'ada', 'ben', '1'))
  clock.advance(75)
  assert.equal(codeOf(await drafted), 'outcome_unknown')
  assert.equal(codeOf(await queued), 'not_owner')
  standing.release()
  assert.equal(summary(await submitUntilDecided([owner], paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  assert.equal((await ledgerIn(log)).positions.get('k4'), undefined)
  await stopOwner(owner)
})

test('a caller who is told that nothing was appended is right, however long writing the state takes', async () => {
  const log = await memoryLog()
  const directory = mkdtempSync(join(tmpdir(), 'micropay-owner-'))
  const disk = Promise.withResolvers<void>()
  const openStore = async () => {
    const { store, found } = await openState(directory)
    const write: typeof store.write = (...change) => disk.promise.then(() => store.write(...change))
    return { store: { ...store, write }, found }
  }
  const owner = startOwner(log, { directory, openStore, limits: { queuedCommands: 30_000, answerWithinMs: 2_000 } })
  const results = await Promise.all(
    Array.from({ length: 25_000 }, (_, index) => owner.submit(paying(`k${index}`, 'ada', 'ben', '1'))),
  )
  disk.resolve()
  await stopOwner(owner)
  const { positions } = await ledgerIn(log)
  const refused = results.flatMap((result, index) => (codeOf(result) === 'not_owner' ? [`k${index}`] : []))
  assert.ok(refused.length > 0, 'more was submitted than may be unwritten')
  for (const key of refused) assert.ok(!positions.has(key), `${key} was refused, and stands in the ledger`)
})

test('a worker that stops finishes what it took, and takes no more', async () => {
  const log = await memoryLog()
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'k1', '100'))
  const last = owner.submit(opening('ben', 'k2'))
  const stopped = owner.stop()
  assert.equal(summary(await last), 'accepted 2')
  assert.equal(codeOf(await owner.submit(opening('eve', 'k3'))), 'not_owner')
  await stopped
  const { store } = await openState(owner.directory)
  assert.equal(store.mark()?.fold.seq, 2)
  assert.ok(store.read(accounts, accountKey('main', AccountId.parse('ben'))))
  await store.close()
  await stopOwner(owner)
})

test('a state that does not say how far it is is thrown away, and nothing happens twice', async () => {
  const log = await memoryLog()
  const first = startOwner(log)
  for (const id of ['ada', 'ben']) await first.submit(opening(id, id, '100'))
  await first.stop()
  let opened = false
  const openStore = async () => {
    const { store, found } = await openState(first.directory)
    const silent = { ...store, mark: () => (opened ? store.mark() : undefined) }
    const clear = async () => {
      await store.clear()
      opened = true
    }
    return { store: { ...silent, clear }, found }
  }
  const second = startOwner(log, { directory: first.directory, openStore })
  assert.equal(summary(await submitUntilDecided([second], paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  await stopOwner(second)
})

test('a state that lags behind is folded up to the log', async () => {
  const log = await memoryLog()
  const first = startOwner(log)
  await first.submit(opening('ada', 'k1', '100'))
  await first.stop()
  const second = startOwner(log)
  await submitUntilDecided([second], opening('ben', 'k2'))
  await stopOwner(second)
  const third = startOwner(log, { directory: first.directory })
  assert.equal(summary(await submitUntilDecided([third], paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  await stopOwner(third)
})

test('a worker with another ledger id must not serve', async () => {
  const log = await memoryLog()
  const first = startOwner(log)
  await first.submit(opening('ada', 'k1'))
  await first.stop()
  const { startPartitionOwner } = await import('./partition-owner.ts')
  const { createLogger } = await import('@micropay/runtime/logger')
  const fatal = Promise.withResolvers<Error>()
  const owner = startPartitionOwner({
    eventLog: log,
    openStore: () => openState(join(first.directory, 'other')),
    lease: freeLease,
    context: { ledgerId: 'another', partition: 0 },
    ...{ partitions: 1, ownerId: 'worker', clock: systemClock, log: createLogger('test', 'silent') },
    onFatal: fatal.resolve,
  })
  assert.match((await fatal.promise).message, /LEDGER_ID is another/)
  await owner.stop()
  await stopOwner(first)
})

/** mulberry32: a small seeded generator, so that a failing schedule can be run again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
