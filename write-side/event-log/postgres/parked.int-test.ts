import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxyTo, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { describeParkingLot } from '../parked.contract.ts'
import { openParkingLot } from './parked.ts'

const log = createLogger('test', 'silent')
let database: TestDatabase
let proxy: TcpProxy
let admin: Client

before(async () => {
  database = await testPostgres()
  proxy = await openTcpProxyTo(database.url)
  admin = new Client(database.url)
  await admin.connect()
})
after(async () => {
  await admin.end()
  await proxy.close()
  await database.close()
})

describeParkingLot('PostgreSQL', async () => {
  await admin.query('drop table if exists parked_message, parked_more')
  return () => openParkingLot({ url: database.url, clock: systemClock, log })
})

describe('the parking lot in PostgreSQL, when it is away', { timeout: 60_000 }, () => {
  test('a message is parked once it is back, and what asks meanwhile is told', async (context) => {
    const parked = openParkingLot({ url: proxy.through(database.url), clock: systemClock, log })
    context.after(() => parked.close())
    context.after(() => proxy.set('pass'))
    await admin.query('drop table if exists parked_message, parked_more')
    proxy.set('cut')
    const parking = [1, 2].map((partition) => parked.park({ ...unread, partition }))
    await assert.rejects(parked.list())
    proxy.set('pass')
    await Promise.all(parking)
    assert.equal((await parked.list()).length, 2)
  })

  test('it is given up after its time, and once the lot is closed, and said so', async (context) => {
    const lines: string[] = []
    const logged = createLogger('test', 'error', { write: (line) => void lines.push(line) })
    const parked = openParkingLot({
      ...{ url: proxy.through(database.url), clock: systemClock, log: logged, giveUpAfterMs: 250 },
    })
    context.after(() => proxy.set('pass'))
    proxy.set('cut')
    await parked.park(unread)
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /could not be parked/)
    const parking = parked.park(unread)
    await parked.close()
    await parking
    await parked.park(unread)
    assert.equal(lines.length, 3)
    assert.doesNotMatch(lines.join(''), /c2VjcmV0|secret/)
  })

  test('tables that went with their database are made anew', async (context) => {
    const parked = openParkingLot({ url: database.url, clock: systemClock, log })
    context.after(() => parked.close())
    await parked.park(unread)
    await admin.query('drop table parked_message, parked_more')
    await parked.park(unread)
    assert.equal((await parked.list()).length, 1)
  })
})

const unread = { partition: 0, value: new TextEncoder().encode('secret'), reason: 'not understood', at: 1 }
