import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { EventLog, LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { changed, ofAmount } from '@micropay/event-log/ledger-records.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openEventLog } from '@micropay/event-log/open-event-log'
import { testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { ledgerId, opening, paying, startOwner, type TestOwner } from '@micropay/write-side/handle/owner.fixture'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import { resumeLog } from './resume-log.ts'

/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(50, signal) }
const signal = new AbortController().signal

/** Two accounts and five payments at 1 to 7, acknowledged by a worker that has ended since, and its state. */
async function bookedLedger() {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'ada', 'unlimited'))
  await owner.submit(opening('ben', 'ben', '0'))
  for (const key of ['k3', 'k4', 'k5', 'k6', 'k7']) await owner.submit(paying(key, 'ada', 'ben', '10'))
  await owner.stop()
  return { records: store.partitions[0] as readonly LogRecord[], directory: owner.directory }
}

/** genesis, claim, seven commits: what somebody has made of them. */
type Damage = (records: readonly LogRecord[]) => readonly NewRecord[]

const cut: Damage = (records) => records.slice(0, 6)
const changedByte: Damage = (records) => records.map((record, at) => (at === 6 ? ofAmount(record, '10', '90') : record))
const unclaimed: Damage = (records) => [...records.slice(0, 6), changed(records[6], '"epoch":1', '"epoch":9')]
/** A worker that did not see the end has written over it: as after a restore that was taken back. */
const forked: Damage = (records) => [
  ...records,
  changed(records[1], '"epoch":1', '"epoch":2'),
  changed(records[4], '"epoch":1', '"epoch":2'),
]
const emptied: Damage = () => []

const quiet = createLogger('resume', 'silent')

async function postgresLog(context: TestContext): Promise<EventLog> {
  const database = await testPostgres()
  context.after(() => database.close())
  const config = { LOG: 'postgres', LOG_DATABASE_URL: database.url, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 } as const
  return openEventLog(config, quiet)
}

async function kafkaLog(context: TestContext): Promise<EventLog> {
  const kafka = await testKafka()
  context.after(() => kafka.close())
  const KAFKA_TOPIC = kafka.name('ledger')
  return openEventLog({ LOG: 'kafka', KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC, KAFKA_REPLICATION: 1 }, quiet)
}

async function write(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  if (records.length === 0) return
  const appender = await log.openAppender(0)
  await appender.append(records)
  await appender.close()
}

async function stoppedBecause(owner: TestOwner): Promise<string> {
  for (;;) {
    const { stoppedBecause } = owner.status()
    if (stoppedBecause !== undefined) return stoppedBecause
    await systemClock.sleep(5)
  }
}

async function untilServing(owner: TestOwner): Promise<void> {
  while (owner.status().phase !== 'serving') await systemClock.sleep(5)
}

const scenarios: readonly (readonly [title: string, damage: Damage, stop: RegExp, wrong: RegExp, survives: string])[] =
  [
    ['was restored from an older backup', cut, /ends at offset 6/, /ends at offset 6, and up to 0:7/, 'k4'],
    ['holds a changed byte', changedByte, /record at 0:7|chain/, /0:5 or what follows was changed|not the one/, 'k4'],
    ['lost a claim', unclaimed, /is not the one|ends at offset|nobody claimed/, /epoch 9 was never claimed/, 'k4'],
    ['was forked', forked, /a fork at 0:3/, /epoch 2 wrote over 0:3/, 'k4'],
    ['is empty', emptied, /is empty/, /is empty, and up to 0:7/, ''],
  ]

for (const [technology, openLog, tried] of [
  ['PostgreSQL', postgresLog, scenarios],
  ['Kafka', kafkaLog, scenarios.slice(0, 2)],
] as const) {
  describe(`a log in ${technology}`, () => {
    for (const [title, damage, stop, wrong, survives] of tried) {
      test(`that ${title} stops the ledger, which goes on after a resume and gives nothing twice`, async (context) => {
        const { records, directory } = await bookedLedger()
        const log = await openLog(context)
        context.after(() => log.close())
        await log.prepare(1)
        await write(log, damage(records))
        const lists = await mkdtemp(join(tmpdir(), 'micropay-lost-'))
        context.after(() => rm(lists, { recursive: true, force: true }))

        const worker = startOwner(log, { directory: damage === changedByte ? `${directory}-none` : directory })
        context.after(() => worker.stop())
        assert.match(await stoppedBecause(worker), damage === changedByte ? /chain/ : stop)
        // Two that open one state in one process are in each other's way.
        await worker.stop()
        const printed: string[] = []
        const options = {
          ...{ log, clock, ledgerId, partition: 0, directory: lists },
          sources: { stateDirectories: [directory], databases: {}, verifications: undefined },
          print: (line: string) => void printed.push(line),
        }
        const asked = { actor: 'sam', reason: 'the disk of the log was lost' }
        assert.equal(await resumeLog({ ...options, actor: undefined, reason: undefined, yes: false }), false)
        assert.match(printed.join('\n'), wrong)
        assert.match(printed.join('\n'), /Nothing was done[\s\S]*would go on at 0:1000000\./)
        const end = await log.end(0)
        assert.equal(await resumeLog({ ...options, ...asked, yes: true }), true)
        assert.ok((await log.end(0)) > end)

        const lost = (await readdir(lists))[0]
        const listed = lost === undefined ? '' : await readFile(join(lists, lost), 'utf8')
        assert.equal(listed.includes('"idempotencyKey":"k7"'), damage !== forked, listed)
        const resumed = startOwner(log, { directory })
        context.after(() => resumed.stop())
        await untilServing(resumed)
        const ids = new Set(['k8', 'k9'].map((key) => key))
        for (const key of ids) {
          if (damage === emptied) await resumed.submit(opening(key, key, 'unlimited'))
          const result = await resumed.submit(
            damage === emptied ? opening(`${key}x`, `${key}x`) : paying(key, 'ada', 'ben', '10'),
          )
          assert.ok(result.kind === 'accepted' && (result.position?.seq ?? 0) > 1_000_000, JSON.stringify(result))
        }
        if (survives) {
          const again = await resumed.submit(paying(survives, 'ada', 'ben', '10'))
          assert.ok(again.kind === 'accepted' && again.replayed && (again.position?.seq ?? 0) <= 7, survives)
        }
        await assert.rejects(resumeLog({ ...options, ...asked, yes: true }), /nothing is wrong with partition 0/)
        await resumed.stop()
        const { verification } = await verifyPartition(log, 0, { clock: systemClock, signal })
        assert.deepEqual(verification.faults, [])
        assert.equal(verification.accepted[0]?.reason, asked.reason)
      })
    }
  })
}

test('a log that is as it was is refused, and so is one to which a worker writes', async (context) => {
  const { records, directory } = await bookedLedger()
  const log = openMemoryLog()
  context.after(() => log.close())
  await log.prepare(1)
  await write(log, records)
  const options = {
    ...{ log, ledgerId, partition: 0, directory: '/nowhere', print: () => undefined },
    ...{ actor: 'sam', reason: 'a try', yes: true, clock },
    sources: { stateDirectories: [directory], databases: {}, verifications: undefined },
  }
  await assert.rejects(resumeLog(options), /nothing is wrong/)
  const shorter = openMemoryLog()
  await shorter.prepare(1)
  await write(shorter, cut(records))
  const writing = { ...clock, sleep: async () => (await write(shorter, records.slice(1, 2))) === undefined }
  await assert.rejects(resumeLog({ ...options, log: shorter, clock: writing }), /a worker writes to partition 0/)
  const away = { ...options.sources, databases: { accounts: 'postgres://nobody@127.0.0.1:1/none' } }
  await assert.rejects(resumeLog({ ...options, log: shorter, sources: away }), /accounts cannot be asked: .*start it/)
})
