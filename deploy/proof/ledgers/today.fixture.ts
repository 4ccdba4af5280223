import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openKafkaLog } from '@micropay/event-log/kafka/event-log'
import { repositoryRoot } from '@micropay/local/running'
import type { DatabaseRole } from '@micropay/local/start/database-roles'
import { installationIn } from '@micropay/local/start/installation'
import { holdPorts, urlOf } from '@micropay/local/start/ports'
import { serviceOutput } from '@micropay/local/start/service-output'
import { serviceDefinitions } from '@micropay/local/start/services'
import { type Service, supervise } from '@micropay/local/start/supervise'
import { holdFreePort } from '@micropay/local/stores/free-port'
import type { TestKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { type DatabaseKept, databases, type KeptLedger } from './kept-ledger.ts'

/** Where a kept ledger was loaded to: what a start of this code goes on from. */
export type Loaded = {
  readonly home: string
  readonly store: string
  /** The write side's. */
  readonly stateDirectory: string
  readonly logEnvironment: Readonly<Record<string, string>>
  databaseUrl(name: DatabaseKept | 'lease'): string
  close(): Promise<void>
}

/** All of it as the code of before left it, on PostgreSQL. */
export async function load(kept: KeptLedger): Promise<Loaded> {
  const loaded = await emptyHome(kept)
  for (const name of databases) await run(loaded.databaseUrl(name), kept.databases[name])
  await withClient(loaded.databaseUrl('log'), async (client) => {
    for (const { offset, key, value } of kept.records) {
      const values = [offset, key, value]
      await client.query(
        'insert into event_log.records (partition, "offset", key, value) values (0, $1, $2, $3)',
        values,
      )
    }
  })
  for (const [path, bytes] of kept.state) {
    const file = join(loaded.stateDirectory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes, { mode: 0o600 })
  }
  return loaded
}

/** The log alone, in Kafka: all else is made of it. */
export async function loadLogIntoKafka(kept: KeptLedger, kafka: TestKafka): Promise<Loaded> {
  const topic = kafka.name('kept')
  const log = openKafkaLog({
    ...{ brokers: kafka.brokers, topic, replication: 1 },
    ...{ clock: systemClock, log: createLogger('test', 'silent') },
  })
  await log.prepare(1)
  const appender = await log.openAppender(0)
  await appender.append(kept.records).finally(() => appender.close())
  await log.close()
  const loaded = await emptyHome(kept)
  const brokers = kafka.brokers.join(',')
  return { ...loaded, logEnvironment: { LOG: 'kafka', KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic } }
}

/** Its settings, and a database of its own for each of its databases. */
async function emptyHome(kept: KeptLedger): Promise<Loaded> {
  const home = await mkdtemp(join(tmpdir(), 'micropay-kept-'))
  await writeFile(join(home, 'installation.json'), kept.installation, { mode: 0o600 })
  const made = new Map<DatabaseKept, TestDatabase>()
  for (const name of databases) made.set(name, await makeTestDatabase())
  const databaseUrl = (name: DatabaseKept | 'lease') => made.get(name === 'lease' ? 'log' : name)?.url ?? ''
  return {
    ...{ home, store: 'postgres', databaseUrl, stateDirectory: join(home, 'state', 'postgres', 'write-side') },
    logEnvironment: { LOG: 'postgres', LOG_DATABASE_URL: databaseUrl('log') },
    async close() {
      for (const database of made.values()) await database.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export type Today = {
  readonly url: string
  readonly issuer: string
  /** What a service has logged by now: a line each. */
  said(service: string): Promise<LogLine[]>
  stop(): Promise<void>
}

export type LogLine = { readonly level: number; readonly msg: string }

type Addressed = Pick<Loaded, 'home' | 'store' | 'logEnvironment'> & {
  databaseUrl(name: DatabaseKept | 'lease', role: DatabaseRole): string
}

/** Runs every service of this code on it, as `start` does, but for the UI. */
export async function startToday({ home, store, logEnvironment, databaseUrl }: Addressed): Promise<Today> {
  const placed = await holdPorts(await holdFreePort(), true)
  const logs = join(home, 'logs')
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const definitions = serviceDefinitions(placed, {
    ...{ repositoryRoot, home, store, logEnvironment, databaseUrl, logLevel: 'info', inherited: process.env },
    ...{ installation: await installationIn(home, systemClock), instance: 'kept', uiDirectory: '' },
  })
  const services = definitions.map((definition): Service => {
    const { UI_DIRECTORY: _, ...environment } = definition.environment
    const output = serviceOutput(logs, definition.name, () => undefined)
    const options = { output, clock: systemClock, say: () => undefined, onGivenUp: failed.reject }
    return supervise({ ...definition, environment }, options)
  })
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()))
  }
  try {
    await Promise.race([failed.promise, Promise.all(services.map((service) => service.ready()))])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...{ url: urlOf(placed, 'gateway'), issuer: urlOf(placed, 'issuer'), stop },
    said: async (service) => {
      const text = await readFile(join(logs, `${service}.log`), 'utf8')
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
  }
}

async function run(url: string, statements: string): Promise<void> {
  await withClient(url, (client) => client.query(statements))
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await work(client).finally(() => client.end())
}
