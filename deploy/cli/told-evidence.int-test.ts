import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { noticeText, partitionLease } from '@micropay/event-log/evidence'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { openEventLog } from '@micropay/event-log/open-event-log'
import { run } from '@micropay/local/run-program.fixture'
import { testPostgres } from '@micropay/local/stores/test-services'
import { reached, startProjections } from '@micropay/projections/versions/projections.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { bookedLedger } from '@micropay/write-side/handle/booked-ledger.fixture'
import { ledgerId } from '@micropay/write-side/handle/owner.fixture'
import { Client } from 'pg'
import { resumeLog } from './resume-log.ts'

/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(50, signal) }
const quiet = createLogger('test', 'silent')
const away = 'postgres://nobody@127.0.0.1:1/none'

async function database(context: TestContext) {
  const made = await testPostgres()
  context.after(() => made.close())
  return made.url
}

function optionsOf(log: EventLog, leases: string | undefined, lines: string[] = []) {
  return {
    ...{ partition: 0, actor: 'sam', reason: 'a disk', yes: true, log, ledgerId, directory: '/', clock },
    print: (line: string) => void lines.push(line),
    sources: { stateDirectories: [], databases: {}, leases, verifications: undefined },
  }
}

/** A log that has lost its last two commits, and the fold of who had read them. */
async function cutLedger() {
  const { log, records } = await bookedLedger()
  const { state: fold } = await foldToEnd(log, 0)
  records.splice(5)
  return { log, fold }
}

test('who resumes asks what a worker of another host has told, and gives nothing of it again', async (context) => {
  const leasesUrl = await database(context)
  const { log, fold } = await cutLedger()
  await assert.rejects(resumeLog(optionsOf(log, undefined)), /nothing is wrong/)
  await assert.rejects(resumeLog(optionsOf(log, leasesUrl)), /nothing is wrong/, 'nobody has told anything')
  const leases = openLeases({ url: leasesUrl, clock: systemClock, log: quiet })
  await leases.open(partitionLease(ledgerId, 0), 'another host').tell(noticeText({ ...fold, seq: 1_500_000 }))
  await leases.open(partitionLease(ledgerId, 0), 'newer code').tell('{')
  await leases.close()
  await assert.rejects(resumeLog(optionsOf(log, away)), /the database of leases cannot be asked: .*start it first/)
  const lines: string[] = []
  assert.ok(await resumeLog(optionsOf(log, leasesUrl, lines)))
  assert.match(lines.join('\n'), /WRONG +what another host has told: the log of partition 0 ends at offset 5/)
  assert.match(lines.join('\n'), /nothing: what newer code has told cannot be read/)
  assert.match(lines.join('\n'), /Resumed at 0:2000000/, 'above all that it knows of')
})

test('of two people who resume at once one decides, and the other is told to look again', async (context) => {
  const leasesUrl = await database(context)
  const { log, fold } = await cutLedger()
  const leases = openLeases({ url: leasesUrl, clock: systemClock, log: quiet })
  await leases.open(partitionLease(ledgerId, 0), 'another host').tell(noticeText(fold))
  await leases.close()
  // Both have looked, and wait for a heartbeat of a worker, before one of them decides.
  const bothLooked = Promise.withResolvers<boolean>()
  let looked = 0
  const sleep = () => {
    looked += 1
    if (looked === 2) bothLooked.resolve(true)
    return bothLooked.promise
  }
  const options = { ...optionsOf(log, leasesUrl), clock: { ...clock, sleep } }
  const ended = await Promise.allSettled([resumeLog(options), resumeLog(options)])
  const refused = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  assert.equal(refused.length, 1)
  assert.match(
    String(refused[0]),
    /was not resumed: (somebody else has resumed|another worker claimed)|a worker writes/,
  )
  const { folded } = await foldToEnd(log, 0)
  assert.equal(folded.filter(({ kind }) => kind === 'resumed').length, 1)
})

test('micropay verify finds that the log has lost what a read model holds', async (context) => {
  const url = await database(context)
  const settings = { LOG: 'postgres', LOG_DATABASE_URL: url } as const
  const log = openEventLog({ ...settings, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, quiet)
  const projections = await startProjections(1, log)
  context.after(() => projections.close())
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada'))
  const worker = projections.startWorker()
  const schema = await reached(projections.pool, 2)
  await worker.close()
  const verify = (databaseUrl: string) =>
    run('deploy/cli/main.ts', ['verify'], {
      ...{ MICROPAY_HOME: '/nonexistent', ACCOUNTS_DATABASE_URL: databaseUrl, LEASE_DATABASE_URL: url, ...settings },
    }).ended
  const sound = await verify(projections.databaseUrl)
  assert.equal(sound.code, 0, sound.output)
  assert.match(sound.output, new RegExp(`known +0:2, epoch 1, by the read model ${schema}[\\s\\S]*The log is sound\\.`))
  const client = new Client(url)
  await client.connect()
  await client.query('delete from event_log.records where "offset" >= 3')
  await client.query('update event_log.partitions set next_offset = 3')
  await client.end()
  const cut = await verify(projections.databaseUrl)
  assert.equal(cut.code, 1, cut.output)
  assert.match(cut.output, new RegExp(`FAULT +the read model ${schema}: the log of partition 0 ends at offset 3, and`))
  assert.match(cut.output, /NOT sound/)
  assert.match(
    (await verify(away)).output,
    /the database of accounts cannot be asked[\s\S]*sound, as far as it could be/,
  )
})
