import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import { type KafkaBroker, startKafkaBroker } from '../stores/kafka-broker.ts'
import { type Postgres, startPostgres } from '../stores/postgres.ts'
import { type BuiltUi, buildUi } from './build-ui.ts'
import { installationIn } from './installation.ts'
import { innerPort } from './ports.ts'
import { error, serviceOutput, warning } from './service-output.ts'
import { type ServiceName, type ServicePorts, type ServiceSettings, serviceDefinitions, urlOf } from './services.ts'
import { type StartEnvironment, storeName } from './start-options.ts'
import { type Service, supervise } from './supervise.ts'

export type StartAll = {
  readonly environment: StartEnvironment
  readonly gatewayPort: number
  readonly home: string
  readonly repositoryRoot: string
  readonly inherited: ServiceSettings['inherited']
  readonly clock: Clock
  readonly say: (text: string) => void
  readonly onGivenUp: (error: Error) => void
}

export type Everything = {
  readonly url: string
  readonly issuer: string
  /** Which log, for people. */
  readonly logText: string
  readonly store: string
  readonly createdOn: string
  /** Where the log is, as the services are told. */
  readonly logEnvironment: Readonly<Record<string, string>>
  pids(): Record<string, number>
}

/** What can be stopped at any time, while it is still starting too. */
export type Running = {
  readonly ready: Promise<Everything>
  /** In order: first who takes requests, last who keeps the data. */
  stop(): Promise<void>
  killNow(): Promise<void>
}

type Store = { stop(): Promise<void>; kill(): Promise<void> }

/** Starts the stores, the services and the UI's build side by side; `ready` settles when all of them answer. */
export function startAll(options: StartAll): Running {
  const services: Service[] = []
  const stores: Store[] = []
  let stopped: Promise<void> | undefined
  const ready = start(options, services, stores, () => stopped !== undefined)
  ready.catch(() => undefined)

  const stopAll = async () => {
    const named = (names: readonly string[]) => services.filter((service) => names.includes(service.name))
    await Promise.all(named(['gateway']).map((service) => service.stop()))
    await Promise.all(
      named([
        'write-side',
        'projections',
        'accounts',
        'audit-index',
        'audit',
        'ledger-books',
        'reconciliation',
        'issuer',
      ]).map((service) => service.stop()),
    )
    await ready.catch(() => undefined)
    await Promise.all(stores.map((store) => store.stop()))
  }
  return {
    ready,
    stop: () => {
      stopped ??= stopAll()
      return stopped
    },
    killNow: async () => {
      for (const service of services) service.killNow()
      await Promise.all(stores.map((store) => store.kill()))
    },
  }
}

async function start(options: StartAll, services: Service[], stores: Store[], isStopped: () => boolean) {
  const { environment, home, clock, say } = options
  const installation = await installationIn(home, clock)
  const ports = await choosePorts(options)
  const logDirectory = join(home, 'logs')
  const store = storeName(environment)
  await mkdir(join(home, 'state', store), { recursive: true })
  const timed = <Result>(name: string, work: Promise<Result>) => sayWhenDone(options, name, work)

  const [postgres, kafka, ui] = await allSettled([
    timed('PostgreSQL 18', startDatabase(options, logDirectory, store, stores)),
    startKafka(options, logDirectory, stores),
    build(options),
  ])
  watchStore('PostgreSQL', postgres, options, isStopped)
  if (kafka) watchStore('Kafka', kafka, options, isStopped)
  const { logEnvironment, logText } = logSettings(environment, installation.id, postgres, kafka)
  const settings: ServiceSettings = {
    ...{ repositoryRoot: options.repositoryRoot, home, store, ports, installation, logEnvironment },
    ...{ logLevel: environment.LOG_LEVEL, inherited: options.inherited, uiDirectory: ui.directory },
    leaseDatabaseUrl: postgres.url(databaseName('micropay_log', store)),
    accountsDatabaseUrl: postgres.url(databaseName('micropay_accounts', store)),
    reconciliationDatabaseUrl: postgres.url(databaseName('micropay_reconciliation', store)),
    auditDatabaseUrl: postgres.url(databaseName('micropay_audit', store)),
  }
  let isReady = false
  for (const definition of Object.values(serviceDefinitions(settings))) {
    if (isStopped()) throw new Error('stopped while starting')
    // While all start at once they wait for each other, and warn; that the issuer asks for no password is said in the welcome.
    const lowestLevel = () => (isReady && definition.name !== 'issuer' ? warning : error)
    const output = serviceOutput(logDirectory, definition.name, say, lowestLevel)
    services.push(supervise(definition, { output, clock, say, onGivenUp: options.onGivenUp }))
  }
  await timed('the services', Promise.all(services.map((service) => service.ready())))
  isReady = true
  return {
    url: urlOf(ports.gateway),
    issuer: urlOf(ports.issuer),
    ...{ logText, store, createdOn: installation.createdOn, logEnvironment },
    pids: () => Object.fromEntries(services.map((service) => [service.name, service.pid() ?? 0])),
  }
}

/** Nothing goes on without its stores, and one that ended by itself may be damaged: a person should look before it is started again. */
function watchStore(name: string, store: Pick<Postgres, 'exited'>, options: StartAll, isStopped: () => boolean): void {
  store.exited.then(
    ({ code, lastLines }) => {
      if (isStopped()) return
      const said = lastLines.slice(-5).map((line) => `    ${line}`)
      const what = `${name} ended by itself (exit code ${code}), so all of it was stopped. What was acknowledged is kept: start again.`
      options.onGivenUp(new Error(`${what} It said last:\n${said.join('\n')}`))
    },
    (error: unknown) => options.onGivenUp(new Error(`${name} cannot be watched`, { cause: error })),
  )
}

async function choosePorts({ environment, gatewayPort }: StartAll): Promise<ServicePorts> {
  const usual: Readonly<Record<Exclude<ServiceName, 'gateway'>, number>> = {
    ...{ 'write-side': 8081, projections: 8082, accounts: 8083, issuer: 8090 },
    ...{ 'ledger-books': 8084, reconciliation: 8085, 'audit-index': 8086, audit: 8087 },
  }
  const inner = (name: keyof typeof usual) => innerPort(usual[name], environment.PORT === 0)
  return {
    gateway: gatewayPort,
    'write-side': await inner('write-side'),
    projections: await inner('projections'),
    accounts: await inner('accounts'),
    'audit-index': await inner('audit-index'),
    audit: await inner('audit'),
    'ledger-books': await inner('ledger-books'),
    reconciliation: await inner('reconciliation'),
    issuer: await inner('issuer'),
  }
}

/** PostgreSQL with one database a service; those of another log lie beside them. */
async function startDatabase(
  options: StartAll,
  logDirectory: string,
  store: string,
  stores: Store[],
): Promise<Postgres> {
  const output = serviceOutput(logDirectory, 'postgres', options.say)
  const postgres = await startPostgres({
    dataDirectory: join(options.home, 'postgres'),
    port: await innerPort(8094, options.environment.PORT === 0),
    log: output.line,
  })
  stores.push(postgres)
  await postgres.createDatabase(databaseName('micropay_log', store))
  await postgres.createDatabase(databaseName('micropay_accounts', store))
  await postgres.createDatabase(databaseName('micropay_audit', store))
  await postgres.createDatabase(databaseName('micropay_reconciliation', store))
  return postgres
}

const databaseName = (name: string, store: string) => (store === 'postgres' ? name : `${name}_${store}`)

async function startKafka(options: StartAll, logDirectory: string, stores: Store[]): Promise<KafkaBroker | undefined> {
  const { environment, say } = options
  if (environment.LOG !== 'kafka' || environment.KAFKA_BROKERS !== undefined) return undefined
  const output = serviceOutput(logDirectory, 'kafka', say)
  const start = async () => {
    const port = await innerPort(8092, environment.PORT === 0)
    const broker = await startKafkaBroker({ directory: join(options.home, 'kafka'), port, log: output.line })
    stores.push(broker)
    return broker
  }
  return sayWhenDone(options, 'Kafka', start())
}

async function build(options: StartAll): Promise<BuiltUi> {
  const startedAt = options.clock.monotonicMs()
  const ui = await buildUi(options.repositoryRoot)
  if (ui.wasBuilt) options.say(`  the UI was built in ${secondsSince(options.clock, startedAt)}`)
  return ui
}

function logSettings(
  environment: StartEnvironment,
  installationId: string,
  postgres: Postgres,
  kafka: KafkaBroker | undefined,
): { logEnvironment: Record<string, string>; logText: string } {
  if (environment.LOG === 'postgres') {
    const url = postgres.url(databaseName('micropay_log', 'postgres'))
    return { logEnvironment: { LOG: 'postgres', LOG_DATABASE_URL: url }, logText: 'PostgreSQL (LOG=kafka for Kafka)' }
  }
  const brokers = kafka?.brokers.join(',') ?? environment.KAFKA_BROKERS ?? ''
  const own = kafka === undefined ? `micropay.ledger.${installationId}` : 'micropay.ledger'
  const topic = environment.KAFKA_TOPIC ?? own
  return {
    logEnvironment: { LOG: 'kafka', KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic },
    logText: `Kafka at ${brokers}, topic ${topic}`,
  }
}

async function sayWhenDone<Result>({ clock, say }: StartAll, name: string, work: Promise<Result>): Promise<Result> {
  const startedAt = clock.monotonicMs()
  const result = await work
  say(`  ${name} ready in ${secondsSince(clock, startedAt)}`)
  return result
}

export function secondsSince(clock: Clock, startedAtMs: number): string {
  return `${((clock.monotonicMs() - startedAtMs) / 1000).toFixed(1)} s`
}

/** Like Promise.all, but waits for all of them before it throws the first error: nothing goes on starting behind a failure. */
async function allSettled<const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
