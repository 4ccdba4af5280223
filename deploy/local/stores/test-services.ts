import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshName, makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { freePort } from './free-port.ts'
import { startKafkaBroker } from './kafka-broker.ts'
import { startPostgres } from './postgres.ts'

/** A real broker; topics are the test's own, so names must be fresh: `name('ledger')` makes one. */
export type TestKafka = {
  brokers: string[]
  name(base: string): string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A database of its own on TEST_POSTGRES_URL's server, or on a server started for it when that is not set. */
export async function testPostgres(): Promise<TestDatabase> {
  const given = process.env.TEST_POSTGRES_URL
  if (given) return makeTestDatabase(given)
  const own = await ownPostgres()
  const { url } = await makeTestDatabase(own.url)
  return { url, close: own.close, [Symbol.asyncDispose]: own.close }
}

/** The broker of TEST_KAFKA_BROKERS, or one started for this test when that is not set. */
export async function testKafka(): Promise<TestKafka> {
  const given = process.env.TEST_KAFKA_BROKERS
  const own = given ? undefined : await ownKafka()
  const brokers = given?.split(',') ?? own?.brokers ?? []
  const close = async () => own?.close()
  return { brokers, name: freshName, close, [Symbol.asyncDispose]: close }
}

/** One server for a whole run of tests, without fsync; `url` is a superuser's. */
export async function ownPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-postgres-'))
  const server = await startPostgres({ dataDirectory: join(directory, 'data'), port: await freePort(), durable: false })
  return { url: server.url('postgres'), close: () => closing(server.stop, directory) }
}

/** One broker for a whole run of tests. */
export async function ownKafka(): Promise<{ brokers: string[]; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-'))
  const broker = await startKafkaBroker({ directory })
  return { brokers: broker.brokers, close: () => closing(broker.stop, directory) }
}

async function closing(stop: () => Promise<void>, directory: string): Promise<void> {
  await stop()
  await rm(directory, { recursive: true, force: true })
}
