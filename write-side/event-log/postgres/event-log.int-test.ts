import { after, before } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { describeEventLog } from '../event-log.contract.ts'
import { describeLostLog } from '../lost-log.contract.ts'
import { openPostgresLog } from './event-log.ts'

const log = createLogger('test', 'silent')
let database: TestDatabase

before(async () => {
  database = await testPostgres()
})
after(() => database.close())

describeEventLog('PostgreSQL', async () => {
  await query('drop schema if exists event_log cascade')
  return open
})

describeLostLog('PostgreSQL', async () => {
  await query('drop schema if exists event_log cascade')
  return {
    open,
    lose: (kept) =>
      query(
        `delete from event_log.records where "offset" >= ${kept};
         update event_log.partitions set next_offset = ${kept}`,
      ),
  }
})

function open() {
  return openPostgresLog({ url: database.url, clock: systemClock, log })
}

async function query(statements: string): Promise<void> {
  const client = new Client(database.url)
  await client.connect()
  await client.query(statements).finally(() => client.end())
}
