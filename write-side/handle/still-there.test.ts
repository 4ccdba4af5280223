import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Appender, EventLog } from '@micropay/event-log/event-log'
import { LogError } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { accept, openLog } from './booked-ledger.fixture.ts'
import type { CommandRequest } from './command.ts'
import { ledgerIn, opening, passingLease, paying, startOwner, stopOwner, submitUntilDecided } from './owner.fixture.ts'

type Append = Appender['append']
type Pass = (records: Parameters<Append>[0], append: Append) => ReturnType<Append>

/** A worker stands still: longer than what the log says is believed, and less than it waits between two looks at it. */
const STOOD_STILL_MS = 8_000

/**
 * A worker that has acknowledged 0:1 to 0:3, over a log that meets its appends of commits with `pass`; `stand` is what
 * happens while it stands still: the log loses its newest records, and a person accepts what is left of it.
 */
async function standingWorker() {
  const time = createHandClock()
  const { log, records } = await openLog(time)
  let pass: Pass | undefined
  let whenRead: ((kinds: readonly string[], follows: boolean) => Promise<void>) | undefined
  const read: string[] = []
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await log.openAppender(partition)
    const isCommit = (given: Parameters<Append>[0]) => given.some(({ key }) => key !== '')
    const append: Append = (given) => (pass && isCommit(given) ? pass(given, appender.append) : appender.append(given))
    return { append, close: () => appender.close() }
  }
  const noting: EventLog['read'] = async function* (partition, from, options) {
    const follows = options.until === undefined
    for await (const batch of log.read(partition, from, options)) {
      const kinds = batch.map(({ value }) => decodeRecord(value).kind)
      read.push(...kinds)
      await whenRead?.(kinds, follows)
      yield batch
      await whenRead?.(kinds, follows)
    }
  }
  const lease = passingLease(['worker-1', 'another'])
  const owner = startOwner({ ...log, openAppender, read: noting }, { clock: time, lease: lease.of('worker-1') })
  for (const id of ['ada', 'ben']) await owner.submit(opening(id, id, 'unlimited'))
  await owner.submit(paying('k3', 'ada', 'ben', '10'))
  return {
    ...{ log, owner, time, read, lease },
    meet(next: Pass | undefined) {
      pass = next
    },
    onRead(next: typeof whenRead) {
      whenRead = next
    },
    async stand(lost: number) {
      records.splice(records.length - lost)
      await accept(log, 4)
      time.advance(STOOD_STILL_MS)
    },
  }
}

/** What a client is told at last, which asks again while it should, is in the log, where it was said. */
async function isInLog({ log, owner, time }: Standing, request: CommandRequest): Promise<void> {
  let isOver = false
  const asked = submitUntilDecided([owner], request).finally(() => {
    isOver = true
  })
  while (!isOver) {
    await systemClock.turn()
    time.advance(1)
  }
  const result = await asked
  assert.ok(result.kind === 'accepted')
  assert.deepEqual((await ledgerIn(log)).positions.get(request.idempotencyKey), [result.position?.seq])
}

type Standing = Awaited<ReturnType<typeof standingWorker>>

test('who stood still between the answer of the log and its own tells nobody what the log has lost since', async () => {
  const worker = await standingWorker()
  const { owner, meet, stand } = worker
  meet(async (records, append) => {
    meet(undefined)
    const appended = await append(records)
    await stand(1)
    return appended
  })
  await isInLog(worker, paying('k4', 'ada', 'ben', '10'))
  await stopOwner(owner)
})

test('nor where another record stands in its place', async () => {
  const worker = await standingWorker()
  const { owner, meet, stand } = worker
  meet(async (records, append) => {
    meet(undefined)
    const appended = await append(records)
    await stand(2)
    return appended
  })
  await isInLog(worker, paying('k4', 'ada', 'ben', '10'))
  await isInLog(worker, paying('k3', 'ada', 'ben', '10'))
  await stopOwner(owner)
})

test('nor what it acknowledged before it stood still', async () => {
  const worker = await standingWorker()
  const { owner, stand } = worker
  await stand(1)
  await isInLog(worker, paying('k3', 'ada', 'ben', '10'))
  await stopOwner(owner)
})

test('nor what it found in the log as it claimed anew', async () => {
  const worker = await standingWorker()
  const { owner, meet, onRead, stand } = worker
  meet(async (records, append) => {
    meet(undefined)
    await append(records)
    throw new LogError('append_unknown', 'the connection was lost')
  })
  onRead(async () => {
    if (owner.status().seq < 4) return
    onRead(undefined)
    await stand(1)
  })
  await isInLog(worker, paying('k4', 'ada', 'ben', '10'))
  await stopOwner(owner)
})

test('nor what it reads in the log while another worker has the lease', async () => {
  const worker = await standingWorker()
  const { owner, meet, onRead, stand, lease } = worker
  meet(async (records, append) => {
    meet(undefined)
    await append(records)
    lease.pass()
    throw new LogError('append_unknown', 'the connection was lost')
  })
  onRead(async (kinds, follows) => {
    if (!follows || !kinds.includes('commit')) return
    onRead(undefined)
    await stand(1)
    lease.pass()
  })
  await isInLog(worker, paying('k4', 'ada', 'ben', '10'))
  await stopOwner(owner)
})

test('a log that answers late is asked once more, and then its records are told', async () => {
  const { log, owner, time, meet, read } = await standingWorker()
  meet(async (records, append) => {
    meet(undefined)
    read.splice(0)
    const appended = await append(records)
    time.advance(STOOD_STILL_MS)
    return appended
  })
  const result = await owner.submit(paying('k4', 'ada', 'ben', '10'))
  assert.deepEqual(result.kind === 'accepted' && result.position, { partition: 0, seq: 4 })
  assert.deepEqual([read, (await ledgerIn(log)).state.epoch], [['commit'], 1])
  await stopOwner(owner)
})

test('one that answers in time is not asked again', async () => {
  const { owner, read } = await standingWorker()
  read.splice(0)
  for (const key of ['k4', 'k5', 'k4']) await owner.submit(paying(key, 'ada', 'ben', '10'))
  await systemClock.turn()
  assert.deepEqual(read, [])
  await stopOwner(owner)
})
