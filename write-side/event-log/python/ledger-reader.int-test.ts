import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pythonWith } from '@micropay/local/stores/python-packages.fixture'
import { type TestKafka, testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'
import { appendResume } from '../append-resume.ts'
import type { EventLog, NewRecord } from '../event-log.ts'
import { openEventStoreLog } from '../eventstoredb/event-log.ts'
import { startTestServer, type TestServer } from '../eventstoredb/server.fixture.ts'
import type { Folded } from '../fold.ts'
import { foldBatch } from '../fold-batch.ts'
import { initialFold } from '../fold-state.ts'
import { openKafkaLog } from '../kafka/event-log.ts'
import { createLedger } from '../ledger.fixture.ts'
import { changed, claim, commit, heartbeat, resume, unknownKind } from '../ledger-records.fixture.ts'
import { appendTo, foldAll, foldToEnd, readRecords } from '../log-reading.fixture.ts'
import { openPostgresLog } from '../postgres/event-log.ts'

/** The reader in another language, which was written from docs/log-protocol.md alone, and ours. */
const Read = z.object({
  ...{ offset: z.int(), epoch: z.int(), claimId: z.string(), seqAtClaim: z.int(), seq: z.int(), hash: z.string() },
  ...{ decidedAt: z.string(), agedMs: z.int(), voids: z.int() },
  alarm: z.object({ reason: z.string(), seq: z.int().nullable(), offset: z.int() }).nullable(),
  balances: z.record(z.string(), z.record(z.string(), z.string())),
  stopped: z.string().nullable(),
})

const quiet = createLogger('test', 'silent')
let postgres: TestDatabase
let kafka: TestKafka
let eventStore: TestServer
let python: string
/** Of EventStoreDB's client for Python; the other two are read without one. */
const CLIENT_VERSION = '1.3.5'

before(async () => {
  postgres = await testPostgres()
  kafka = await testKafka()
  eventStore = await startTestServer()
  python = await pythonWith(`kurrentdbclient-${CLIENT_VERSION}`, [`kurrentdbclient==${CLIENT_VERSION}`])
})
after(async () => {
  await eventStore.close()
  await postgres.close()
  await kafka.close()
})

const PARTITIONS = 13
const unreadableRecord = 'unreadable_record'
const mismatch = 'resume_mismatch'
const elsewhere = { epoch: 3, seq: 7, hash: 'A'.repeat(43) }
const bytes = (text: string): NewRecord => ({ key: '', value: new TextEncoder().encode(text) })

/** What no reader goes on over. */
const unreadable: readonly (readonly [string, (partition: number) => NewRecord, string])[] = [
  ['a newer generation', (partition) => claim(9, 'newer', partition, EVENT_GENERATION + 1), 'unknown_generation'],
  ['an unknown kind', () => unknownKind(false), unreadableRecord],
  ['a resume that does not follow', (partition) => resume(elsewhere, { epoch: 9, seq: 900 }, partition), mismatch],
  ['a gap', (partition) => commit({ epoch: 3, seq: 900, hash: 'A'.repeat(43) }, 'gap', partition), 'chain_broken'],
  ['a claim too far ahead', (partition) => claim(1_004, 'far', partition), 'epoch_never_claimed'],
  ['an epoch that nobody claimed', (partition) => heartbeat(99, partition), 'epoch_never_claimed'],
  [
    'a record without its data',
    () => bytes('{"specversion":"1.0","type":"micropay.claim.v1","data":{}}'),
    unreadableRecord,
  ],
  [
    'legs that do not balance',
    (partition) => changed(commit(elsewhere, 'x', partition), '"1050"', '"1051"'),
    unreadableRecord,
  ],
  ['bytes that are no record', () => bytes('{"specversion":"1.0'), unreadableRecord],
]

const logs = {
  async PostgreSQL() {
    const log = openPostgresLog({ url: postgres.url, clock: systemClock, log: quiet })
    return { log, where: ['postgres', postgres.url] }
  },
  async Kafka() {
    const topic = kafka.name('ledger')
    const log = openKafkaLog({ brokers: kafka.brokers, topic, clock: systemClock, log: quiet })
    return { log, where: ['kafka', kafka.brokers[0] ?? '', topic] }
  },
  async EventStoreDB() {
    const { url } = eventStore
    const log = openEventStoreLog({ url, prefix: 'reader', clock: systemClock, log: quiet })
    return { log, where: ['eventstoredb', url, 'reader'] }
  },
}

for (const [technology, open] of Object.entries(logs)) {
  describe(`a reader in another language, of a log in ${technology}`, { timeout: 60_000 }, () => {
    let log: EventLog
    let where: readonly string[]
    before(async () => {
      const opened = await open()
      log = opened.log
      where = opened.where
      await log.prepare(PARTITIONS)
      await appendTo(log, 0, booked(0))
    })
    after(() => log.close())

    test('agrees on hash, balances, ageing and voids', async () => {
      const ours = await foldToEnd(log, 0)
      const theirs = await readBy(where, 0)
      assert.equal(theirs.stopped, null)
      agree(theirs, ours)
      assert.equal(theirs.voids, 4)
      assert.deepEqual(theirs.balances, {
        acme: { cash: '-249999', 'ada:main': '149997', 'ben:main': '100002' },
        globex: { cash: '-7', 'ada:main': '7' },
      })
    })

    test('stops in front of a fork, and goes on once a resume counts', async () => {
      const before = await foldToEnd(log, 0)
      const { epoch, seqAtClaim, hash } = before.state
      await appendTo(log, 0, [commit({ epoch, seq: seqAtClaim - 1, hash }, 'a fork')])
      const stopped = await readBy(where, 0)
      assert.equal(stopped.stopped, 'fork')
      agree({ ...stopped, stopped: null }, before)

      const signal = AbortSignal.timeout(30_000)
      const who = { ledgerId: 'test-ledger', actor: 'Olga', reason: 'restored' }
      await appendResume(log, 0, { ...who, aboveSeq: 70, aboveEpoch: 5, clock: systemClock, signal })
      const resumed = await foldToEnd(log, 0)
      await appendTo(log, 0, [commit(resumed.state, 'goes on')])
      const theirs = await readBy(where, 0)
      assert.deepEqual([theirs.stopped, theirs.alarm, theirs.seq], [null, null, resumed.state.seq + 1])
      agree(theirs, await foldToEnd(log, 0))
    })

    test('agrees on what counts where a record before a resume was changed, and accepted', async () => {
      const partition = PARTITIONS - 1
      const records = booked(partition)
      const first = foldAll(
        records.map((record, at) => ({ ...record, offset: BigInt(at) })),
        partition,
      ).state
      const taken = claim(4, 'newer', partition, EVENT_GENERATION + 1)
      const kept = resume({ ...first, hash: 'B'.repeat(43) }, { epoch: 5, seq: 900 }, partition)
      const unknown = changed(records[3], 'micropay.heartbeat.v1', 'micropay.heartbeau.v1')
      await appendTo(log, partition, [...records, unknown, taken, kept, commit({ ...first, epoch: 5 }, 'x', partition)])
      const stopped = await readBy(where, partition)
      assert.deepEqual([stopped.stopped, stopped.offset], [unreadableRecord, records.length])
      const signal = AbortSignal.timeout(30_000)
      const who = { ledgerId: 'test-ledger', actor: 'Olga', reason: 'kept', aboveSeq: 1_000, aboveEpoch: 5 }
      const resumed = await appendResume(log, partition, { ...who, clock: systemClock, signal })
      const theirs = await readBy(where, partition)
      assert.deepEqual([theirs.stopped, theirs.alarm, theirs.seq], [null, null, resumed.seq])
      agree(theirs, await foldToEnd(log, partition))
    })

    for (const [index, unknown] of [unknownKind(false), bytes('no record')].entries()) {
      test(`stops in front of what it cannot read behind a newer generation, whatever follows (${index})`, async () => {
        const partition = PARTITIONS - 2 - index
        const records = booked(partition)
        const { state } = foldAll(
          records.map((record, at) => ({ ...record, offset: BigInt(at) })),
          partition,
        )
        const accepted = resume(state, { epoch: 5, seq: 900 }, partition)
        await appendTo(log, partition, [
          ...records,
          claim(4, 'newer', partition, EVENT_GENERATION + 1),
          unknown,
          accepted,
        ])
        const theirs = await readBy(where, partition)
        assert.deepEqual([theirs.stopped, theirs.offset], ['unknown_generation', records.length])
        await assert.rejects(foldToEnd(log, partition), { code: 'unknown_record' })
      })
    }

    for (const [index, [what, record, reason]] of unreadable.entries()) {
      test(`stops in front of ${what}, as ours does`, async () => {
        const partition = index + 1
        await appendTo(log, partition, [...booked(partition), record(partition)])
        const theirs = await readBy(where, partition)
        assert.equal(theirs.stopped, reason)
        assert.equal(theirs.offset, booked(partition).length)
        const records = await readRecords(log, partition, 0n, theirs.offset + 1)
        const ours = foldBatch(initialFold(partition), records, { partitions: PARTITIONS })
        assert.deepEqual([ours.error?.code, ours.state.offset], [reason, BigInt(theirs.offset)])
      })
    }
  })
}

/** Another tenant, whose accounts have the ids of the first one's. */
const globex = { tenant: 'globex' }

/**
 * A partition of two generations with every event, a zombie, a heartbeat, a long rest, a clock that went back and a
 * passing kind.
 */
function booked(partition: number): NewRecord[] {
  const ledger = createLedger(partition, PARTITIONS, { generation: 1 })
  const zombie = { epoch: 1, seq: 4, hash: 'A'.repeat(43) }
  return [
    ...[ledger.genesis(), ledger.genesis(), ledger.claim(), ledger.heartbeat()],
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ...[ledger.open('ada:main'), ledger.open('ben:main')],
    ledger.pay([['cash', 'ada:main', 250_000]]),
    ...[ledger.claim(), commit(zombie, 'too late', partition, undefined, 1), claim(1, 'too late', partition)],
    ledger.pay(
      [
        ['ada:main', 'ben:main', 100_000],
        ['ada:main', 'ben:main', 2],
      ],
      { decidedAt: '2027-06-01T00:00:00.000Z' },
    ),
    ledger.refuse({ postings: [] }, { decidedAt: '2026-03-02T00:00:00.000Z' }),
    ...[ledger.freeze('ben:main'), ledger.unfreeze('ben:main'), unknownKind(true), ledger.claim(EVENT_GENERATION)],
    ledger.pay([['cash', 'ben:main', 2]], { reference: 'of today' }),
    ledger.payLegs([
      ...[['ada:main', -1] as const, ['ben:main', -2, { stands: '100002' }] as const],
      ...[['cash', 3] as const, ['cash', 0] as const],
    ]),
    ...[ledger.open('cash', { ...globex, type: 'external' }), ledger.open('ada:main', globex)],
    ledger.pay([['cash', 'ada:main', 7]], globex),
    ledger.payee('Saved', { owner: 'customer:ada', alias: 'Ben', accountId: 'ben:main' }),
    commit({ epoch: 3, seq: ledger.position().seq - 1, hash: 'A'.repeat(43) }, 'twice', partition),
  ]
}

function agree(theirs: z.infer<typeof Read>, { state, folded }: Awaited<ReturnType<typeof foldToEnd>>): void {
  const { balances, stopped: _, ...fold } = theirs
  const { epoch, claimId, seqAtClaim, seq, hash, decidedAt, agedMs, voids, alarm } = state
  assert.deepEqual(fold, {
    ...{ epoch, claimId, seqAtClaim, seq, hash, decidedAt, agedMs, voids, offset: Number(state.offset) },
    alarm: alarm ? { ...alarm, offset: Number(alarm.offset) } : null,
  })
  assert.deepEqual(balances, balancesIn(folded))
}

function balancesIn(folded: readonly Folded[]): Record<string, Record<string, string>> {
  const balances: Record<string, Record<string, string>> = {}
  for (const each of folded) {
    if (each.kind !== 'counted') continue
    const { tenant, events } = each.commit
    const own = balances[tenant] ?? {}
    balances[tenant] = own
    const add = (account: string, minor: bigint) => {
      own[account] = String(BigInt(own[account] ?? 0) + minor)
    }
    for (const event of events) {
      if (event.type === 'AccountOpened') add(event.data.accountId, 0n)
      for (const { account, amount } of event.type === 'PaymentPosted' ? event.data.legs : []) {
        add(account, BigInt(amount))
      }
    }
  }
  return balances
}

function readBy(where: readonly string[], partition: number): Promise<z.infer<typeof Read>> {
  const { promise, resolve, reject } = Promise.withResolvers<z.infer<typeof Read>>()
  const program = join(import.meta.dirname, 'ledger_reader.py')
  execFile(python, [program, ...where, String(partition)], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
    if (error && stdout === '') reject(new Error(`python3 (3.8 or newer) says: ${stderr || error.message}`))
    else resolve(Read.parse(JSON.parse(stdout)))
  })
  return promise
}
