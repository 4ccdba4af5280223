import { after, before } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client, type QueryResult } from 'pg'
import { describeEventLog } from '../event-log.contract.ts'
import { describeFewConnections } from '../few-connections.contract.ts'
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

describeFewConnections('PostgreSQL', {
  most: 9,
  fresh: async () => {
    await query('drop schema if exists event_log cascade')
    return open
  },
  connections: async () => {
    const { rowCount } = await query(
      `select from pg_stat_activity where application_name = 'micropay-event-log' and datname = current_database()`,
    )
    return rowCount ?? 0
  },
})

describeLostLog('PostgreSQL', async () => {
  await query('drop schema if exists event_log cascade')
  return {
    open,
    lose: async (kept) => {
      await query(`delete from event_log.records where "offset" >= ${kept}`)
      await query(`update event_log.partitions set next_offset = ${kept}`)
    },
  }
})

function open() {
  return openPostgresLog({ url: database.url, clock: systemClock, log })
}

async function query(statement: string): Promise<QueryResult> {
  const client = new Client(database.url)
  await client.connect()
  return client.query(statement).finally(() => client.end())
}
