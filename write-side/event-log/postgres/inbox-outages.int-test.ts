import { after, before } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxyTo, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { describeInboxOutages } from '../inbox-outage.contract.ts'
import { openPostgresInbox } from './inbox.ts'

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

describeInboxOutages('PostgreSQL', {
  proxy: () => proxy,
  most: 3,
  fresh: async () => {
    const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
    const client = new Client(database.url)
    await client.connect()
    await client.query('drop schema if exists event_log cascade').finally(() => client.end())
    return () => openPostgresInbox({ url: proxy.through(database.url), clock: systemClock, log, timeoutMs: 2_000 })
  },
})
