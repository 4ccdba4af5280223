import { after, before } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxyTo, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { describeSilentConnections } from '../silent-connection.contract.ts'
import { openPostgresLog } from './event-log.ts'

const log = createLogger('test', 'silent')
let database: TestDatabase
let proxy: TcpProxy

before(async () => {
  database = await testPostgres()
  proxy = await openTcpProxyTo(database.url)
})
after(async () => {
  await proxy.close()
  await database.close()
})

describeSilentConnections(
  'PostgreSQL',
  () => proxy,
  async () => {
    const client = new Client(database.url)
    await client.connect()
    await client.query('drop schema if exists event_log cascade')
    await client.end()
    const bounds = { readTimeoutMs: 3_000, statementTimeoutMs: 3_000 }
    return () => openPostgresLog({ url: proxy.through(database.url), clock: systemClock, log, ...bounds })
  },
)
