import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { bookedLedger } from '@micropay/write-side/handle/booked-ledger.fixture'
import { ledgerId } from '@micropay/write-side/handle/owner.fixture'
import { Client } from 'pg'
import { resumeLog } from './resume-log.ts'

/** Offsets 0 and 1 hold the genesis and a claim, 2 to 6 the positions 0:1 to 0:5. */
for (const [title, deleted, said] of [
  [
    'one record',
    'in (3)',
    /1 record is missing .* at offset 3, behind position 0:1 and in front of 0:4; it goes on to/,
  ],
  [
    'two records',
    'in (3, 4)',
    /2 records are missing .* at the offsets 3 to 4, behind position 0:1 and in front of 0:5/,
  ],
] as const) {
  test(`a log that lost ${title} in its middle says where, and that only a copy helps`, async (context) => {
    const database = await testPostgres()
    context.after(() => database.close())
    const log = openPostgresLog({ url: database.url, clock: systemClock, log: createLogger('missing', 'silent') })
    context.after(() => log.close())
    await log.prepare(1)
    const { records, directory } = await bookedLedger()
    const appender = await log.openAppender(0)
    await appender.append(records)
    await appender.close()
    const client = new Client(database.url)
    await client.connect()
    await client.query(`delete from event_log.records where "offset" ${deleted}`)
    await client.end()
    const resuming = resumeLog({
      ...{ log, ledgerId, partition: 0, directory: '/nowhere', clock: systemClock, yes: false },
      ...{ actor: undefined, reason: undefined, print: () => undefined },
      sources: { stateDirectories: [directory], databases: {}, verifications: undefined },
    })
    await assert.rejects(resuming, said)
    await assert.rejects(resuming, /no resume can[\s\S]*from a copy[\s\S]*cut the log in front of offset 3/)
  })
}
