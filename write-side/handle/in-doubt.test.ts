import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Appender, EventLog } from '@micropay/event-log/event-log'
import { LogError } from '@micropay/event-log/event-log'
import { appendTo, foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createHandClock, type HandClock } from '@micropay/runtime/hand-clock.fixture'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord, encodeClaim, encodeCommit } from '@micropay/schemas/log/ledger-record'
import type { CommandRequest } from './command.ts'
import {
  ledgerId,
  ledgerIn,
  opening,
  passingLease,
  paying,
  startOwner,
  stopOwner,
  type TestOwner,
} from './owner.fixture.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

type Append = Appender['append']
/** What an append of a worker meets on its way to the log. */
type Meet = (records: Parameters<Append>[0], pass: Append) => ReturnType<Append>

const context = { ledgerId, partition: 0 }

/** A log whose appenders meet on their way what the test says. */
async function interposedLog(
  clock: Clock = systemClock,
): Promise<{ log: EventLog; worker: EventLog; meet(next: Meet | undefined): void }> {
  const log = openMemoryLog(createMemoryStore(clock))
  await log.prepare(1)
  let meeting: Meet | undefined
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await log.openAppender(partition)
    return {
      append: (records) => (meeting ? meeting(records, appender.append) : appender.append(records)),
      close: () => appender.close(),
    }
  }
  return {
    log,
    worker: { ...log, openAppender },
    meet(next) {
      meeting = next
    },
  }
}

const lost = () => new LogError('append_unknown', 'the connection was lost')
const kindOf = ([first]: Parameters<Append>[0]) => (first ? decodeRecord(first.value).kind : 'nothing')

async function claimByRival(log: EventLog, epoch: number): Promise<void> {
  const appender = await log.openAppender(0)
  const claim = { epoch, claimId: `claim-of-a-rival-${epoch}`, ownerId: 'rival', claimedAt: '2026-01-01T00:00:00.000Z' }
  await appender.append([{ key: '', value: encodeClaim(context, { ...claim, eventGeneration: EVENT_GENERATION }) }])
  await appender.close()
}

async function withTwoAccounts(worker: EventLog, options: Parameters<typeof startOwner>[1] = {}) {
  const owner = startOwner(worker, options)
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  return owner
}

test('a retry of what is in doubt is never told that nothing was appended: not while another serves', async () => {
  const clock = createHandClock()
  const { log, worker, meet } = await interposedLog(clock)
  const lease = passingLease(['first', 'second'])
  const owner = await withTwoAccounts(worker, { clock, ownerId: 'first', lease: lease.of('first') })
  const late = Promise.withResolvers<void>()
  meet(async (records, pass) => {
    lease.pass()
    void late.promise.then(() => pass(records))
    throw lost()
  })
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  assert.equal(codeOf(await asTimePasses(clock, first)), 'outcome_unknown')
  while (owner.status().phase !== 'waiting for the lease') await aWhile(clock)
  assert.equal(codeOf(await owner.submit(paying('k4', 'ada', 'ben', '1'))), 'not_owner', 'another has the lease')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'outcome_unknown')
  late.resolve()
  await inLog(log, 'k3')
  assert.deepEqual((await ledgerIn(log)).positions.get('k3'), [3])
  await stopOwner(owner)
})

test('nor by a worker that stops, nor by a full queue', async () => {
  const clock = createHandClock()
  const { worker, meet } = await interposedLog(clock)
  const owner = await withTwoAccounts(worker, { clock, limits: { queuedCommands: 1 } })
  const held = Promise.withResolvers<void>()
  meet(async () => {
    await held.promise
    throw lost()
  })
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  assert.equal(codeOf(await asTimePasses(clock, first)), 'outcome_unknown')
  const queued = owner.submit(paying('k4', 'ada', 'ben', '1'))
  assert.equal(codeOf(await owner.submit(paying('k5', 'ada', 'ben', '1'))), 'overloaded')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'idempotency_key_in_flight')
  const stopped = owner.stop()
  assert.equal(codeOf(await owner.submit(paying('k6', 'ada', 'ben', '1'))), 'not_owner')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'outcome_unknown')
  assert.equal(codeOf(await asTimePasses(clock, queued)), 'not_owner')
  held.resolve()
  await stopped
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'outcome_unknown', 'it never learned it')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '61'))), 'idempotency_key_reused')
  await stopOwner(owner)
})

test('nor by a worker that stopped at evidence of a changed history, which answers at once', async () => {
  const clock = createHandClock()
  const { log, worker, meet } = await interposedLog(clock)
  const owner = await withTwoAccounts(worker, { clock })
  meet(async () => {
    await appendTo(log, 0, [{ key: '', value: new Uint8Array() }])
    throw lost()
  })
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  while (owner.status().phase !== 'stopped') await aWhile(clock)
  const asked = [owner.submit(paying('k4', 'ada', 'ben', '1')), owner.submit(paying('k3', 'ada', 'ben', '60'))]
  for (let turns = 0; turns < 5; turns += 1) await clock.turn()
  const silent = Promise.resolve({ kind: 'refused', code: 'internal', detail: 'no answer' } as const)
  const said = await Promise.all(asked.map((each) => Promise.race([each, silent])))
  assert.deepEqual(said.map(codeOf), ['ledger_stopped', 'outcome_unknown'])
  assert.equal(codeOf(await asTimePasses(clock, first)), 'outcome_unknown')
  await stopOwner(owner)
})

test('a key whose caller was told that the outcome is unknown stays taken until the log has told it', async () => {
  const clock = createHandClock()
  const { log, worker, meet } = await interposedLog(clock)
  const owner = await withTwoAccounts(worker, { clock })
  const held = Promise.withResolvers<void>()
  meet(async (records, pass) => {
    await held.promise
    return pass(records)
  })
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  assert.equal(codeOf(await asTimePasses(clock, first)), 'outcome_unknown')
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'idempotency_key_in_flight')
  held.resolve()
  await inLog(log, 'k3')
  assert.equal(summary(await untilSettled(clock, owner, paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  assert.deepEqual((await ledgerIn(log)).positions.get('k3'), [3])
  await stopOwner(owner)
})

test('a void command whose caller was answered already is not decided again: a retry decides it', async () => {
  const clock = createHandClock()
  const { log, worker, meet } = await interposedLog(clock)
  const owner = await withTwoAccounts(worker, { clock })
  const held = Promise.withResolvers<void>()
  meet(async (records, pass) => {
    if (kindOf(records) !== 'commit') return pass(records)
    await held.promise
    meet(undefined)
    throw lost()
  })
  const first = owner.submit(paying('k3', 'ada', 'ben', '60'))
  assert.equal(codeOf(await asTimePasses(clock, first)), 'outcome_unknown')
  held.resolve()
  assert.equal(summary(await untilSettled(clock, owner, paying('k4', 'ada', 'ben', '1'))), 'accepted 3')
  assert.equal((await ledgerIn(log)).positions.get('k3'), undefined)
  assert.equal(summary(await untilSettled(clock, owner, paying('k3', 'ada', 'ben', '60'))), 'accepted 4')
  await stopOwner(owner)
})

test('who is deposed refuses what waits behind, which must not be decided before what was refused', async () => {
  const { log, worker, meet } = await interposedLog()
  const owner = await withTwoAccounts(worker, { limits: { batchCommits: 1 } })
  meet(async (records, pass) => {
    if (kindOf(records) !== 'commit') return pass(records)
    meet(undefined)
    await claimByRival(log, 2)
    return pass(records)
  })
  const both = [paying('k3', 'ada', 'ben', '60'), paying('k4', 'ada', 'ben', '1')].map((each) => owner.submit(each))
  assert.deepEqual((await Promise.all(both)).map(codeOf), ['not_owner', 'not_owner'])
  assert.equal(summary(await untilSettled(systemClock, owner, paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  await stopOwner(owner)
})

test('who is deposed between two heartbeats decides nothing in the epoch of the other', async () => {
  const { log, worker, meet } = await interposedLog()
  const owner = await withTwoAccounts(worker, { limits: { heartbeatMs: 5 } })
  const beaten = Promise.withResolvers<void>()
  meet(async (records, pass) => {
    meet(undefined)
    await claimByRival(log, 2)
    const appended = await pass(records)
    beaten.resolve()
    return appended
  })
  await beaten.promise
  await untilSettled(systemClock, owner, paying('k3', 'ada', 'ben', '60'))
  assert.deepEqual(await ownersOfCommits(log), ['worker-1', 'worker-1', 'worker-1'])
  await stopOwner(owner)
})

test('who claims second does not serve, and what it has in doubt is for the other to decide', async () => {
  const { log, worker, meet } = await interposedLog()
  const owner = await withTwoAccounts(worker)
  meet(async (records, pass) => {
    if (kindOf(records) === 'claim') {
      meet(undefined)
      await claimByRival(log, 2)
      return pass(records)
    }
    if (kindOf(records) === 'commit') throw lost()
    return pass(records)
  })
  assert.equal(codeOf(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'not_owner')
  assert.equal(summary(await untilSettled(systemClock, owner, paying('k3', 'ada', 'ben', '60'))), 'accepted 3')
  assert.deepEqual(await ownersOfCommits(log), ['worker-1', 'worker-1', 'worker-1'])
  await stopOwner(owner)
})

test('own records that do not count, though no claim stands above, are decided again', async () => {
  const { log, worker, meet } = await interposedLog()
  const owner = await withTwoAccounts(worker)
  meet(async (records, pass) => {
    meet(undefined)
    // Who writes in our epoch takes our place in the chain.
    const { state } = await foldToEnd(log, 0)
    const { tenant, actor, command, requestHash } = paying('stranger', 'ada', 'ben', '1')
    const rejection = { kind: 'rejected' as const, code: 'account_not_found' as const, detail: 'no such account' }
    const value = encodeCommit(context, 'ada', {
      ...{ epoch: state.epoch, seq: state.seq + 1, previousHash: state.hash, decidedAt: state.decidedAt },
      ...{ tenant, actor, requestHash, idempotencyKey: 'stranger', outcome: rejection, events: [] },
      command: { type: command.type, data: { ...command.data } },
    })
    await appendTo(log, 0, [{ key: 'ada', value }])
    return pass(records)
  })
  assert.equal(summary(await owner.submit(paying('k3', 'ada', 'ben', '60'))), 'accepted 4')
  await stopOwner(owner)
})

/** Who claimed the epoch of each commit that counts. */
async function ownersOfCommits(log: EventLog): Promise<string[]> {
  const owners = new Map<number, string>()
  const { folded } = await foldToEnd(log, 0)
  return folded.flatMap((each) => {
    if (each.kind === 'claimed') owners.set(each.claim.epoch, each.claim.ownerId)
    return each.kind === 'counted' ? [owners.get(each.commit.epoch) ?? 'nobody'] : []
  })
}

/** Once a record of that key stands in the log, counted or not. */
async function inLog(log: EventLog, key: string): Promise<void> {
  for await (const records of log.read(0, 0n, { signal: AbortSignal.timeout(10_000) })) {
    const commits = records.map(({ value }) => decodeRecord(value)).filter((each) => each.kind === 'commit')
    if (commits.some(({ commit }) => commit.idempotencyKey === key)) return
  }
  assert.fail(`${key} does not reach the log`)
}

/** Moves the clock on until there is an answer. */
async function asTimePasses<Answer>(clock: HandClock, answer: Promise<Answer>): Promise<Answer> {
  let answered = false
  const done = () => {
    answered = true
  }
  answer.then(done, done)
  while (!answered) await aWhile(clock)
  return answer
}

async function aWhile(clock: HandClock): Promise<void> {
  clock.advance(20)
  await clock.turn()
}

/** Asks again as a client does, for as long as it is not told an outcome, while the time passes. */
async function untilSettled(clock: Clock | HandClock, owner: TestOwner, request: CommandRequest) {
  const open = new Set(['not_owner', 'outcome_unknown', 'idempotency_key_in_flight'])
  for (;;) {
    const asked = owner.submit(request)
    const result = await ('advance' in clock ? asTimePasses(clock, asked) : asked)
    if (!open.has(codeOf(result) ?? '')) return result
    await clock.turn()
  }
}
