import { join } from 'node:path'
import { onFreePort } from '../stores/free-port.ts'
import { type KafkaBroker, startKafkaBroker } from '../stores/kafka-broker.ts'
import { type Postgres, startPostgres } from '../stores/postgres.ts'
import { type DatabaseRole, makeDatabases, roleUrl } from './database-roles.ts'
import { sayWhenDone } from './say-when-done.ts'
import { serviceOutput } from './service-output.ts'
import type { DatabaseName } from './service-table.ts'
import { type StartAll, storeName } from './start-options.ts'

export type Store = { readonly stop: () => Promise<void>; readonly kill: () => Promise<void> }

const usualPorts = { kafka: 8092, postgres: 8094 }

/**
 * PostgreSQL with the databases of the services; those of another log lie beside them. What is started is added to
 * `stores` at once.
 */
export function startDatabase(options: StartAll, logDirectory: string, stores: Store[]): Promise<Postgres> {
  const { environment, home, say } = options
  const output = serviceOutput(logDirectory, 'postgres', say)
  const start = async () => {
    const usual = environment.PORT === 0 ? undefined : usualPorts.postgres
    const dataDirectory = join(home, 'postgres')
    const postgres = await onFreePort(usual, (port) => startPostgres({ dataDirectory, port, log: output.line }))
    stores.push(postgres)
    const { repositoryRoot, inherited } = options
    const isLogInPostgres = environment.LOG === 'postgres'
    const databaseUrl = databaseUrls(postgres, storeName(environment))
    await makeDatabases(postgres, { repositoryRoot, inherited, isLogInPostgres, databaseUrl })
    return postgres
  }
  return sayWhenDone(options, 'PostgreSQL 18', start())
}

/** The address of each database, for each of its roles. */
export function databaseUrls(postgres: Pick<Postgres, 'url'>, store: string) {
  return (name: DatabaseName, role: DatabaseRole) => roleUrl(postgres, databaseName(name, store), role)
}

/**
 * What a service's database is called on the server; the leases lie beside the log, where that is in PostgreSQL too.
 */
function databaseName(name: DatabaseName, store: string): string {
  const base = name === 'lease' ? 'micropay_log' : `micropay_${name}`
  return store === 'postgres' ? base : `${base}_${store}`
}

/** A broker, where the log is in Kafka and no brokers are named. */
export async function startKafka(
  options: StartAll,
  logDirectory: string,
  stores: Store[],
): Promise<KafkaBroker | undefined> {
  const { environment, home, say } = options
  if (environment.LOG !== 'kafka' || environment.KAFKA_BROKERS !== undefined) return undefined
  const output = serviceOutput(logDirectory, 'kafka', say)
  const start = async () => {
    const usual = environment.PORT === 0 ? undefined : usualPorts.kafka
    const directory = join(home, 'kafka')
    const broker = await onFreePort(usual, (port) => startKafkaBroker({ directory, port, log: output.line }))
    stores.push(broker)
    return broker
  }
  return sayWhenDone(options, 'Kafka', start())
}

/**
 * Nothing goes on without its stores, and one that ended by itself may be damaged: a person should look before it is
 * started again.
 */
export function watchStore(
  name: string,
  store: Pick<Postgres, 'exited'>,
  options: StartAll,
  isStopped: () => boolean,
): void {
  store.exited.then(
    ({ code, lastLines }) => {
      if (isStopped()) return
      const said = lastLines.slice(-5).map((line) => `    ${line}`)
      const what =
        `${name} ended by itself (exit code ${code}), so all of it was stopped. ` +
        'What was acknowledged is kept: start again.'
      options.onGivenUp(new Error(`${what} It said last:\n${said.join('\n')}`))
    },
    (error: unknown) => options.onGivenUp(new Error(`${name} cannot be watched`, { cause: error })),
  )
}
