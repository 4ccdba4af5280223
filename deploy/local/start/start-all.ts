import { EventEmitter } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Issuing, startIssuing } from '../authority/kept-authority.ts'
import type { KafkaBroker } from '../stores/kafka-broker.ts'
import { type BuiltUi, buildUi } from './build-ui.ts'
import { installationIn } from './installation.ts'
import { holdPorts, metricsUrls, urlOf, withMetricsPorts } from './ports.ts'
import { refuseBrokenOff, restoreBackup } from './restore-backup.ts'
import { sayWhenDone, secondsSince } from './say-when-done.ts'
import { error, serviceOutput, warning } from './service-output.ts'
import { serviceTable } from './service-table.ts'
import { filesOf, type ServiceSettings, serviceDefinitions } from './services.ts'
import { type StartAll, type StartEnvironment, storeName } from './start-options.ts'
import { databaseUrls, type Store, startDatabase, startKafka, watchStore } from './start-stores.ts'
import { type Service, type ServiceDefinition, supervise } from './supervise.ts'
import { type Observed, startWithObservers } from './with-observers.ts'

export type Everything = {
  readonly url: string
  readonly issuer: string
  readonly instance: string
  readonly ledgerId: string
  /** Where Prometheus and Alertmanager are, if they were asked for and could be had. */
  readonly observed: Observed | undefined
  /** Which log, for people. */
  readonly logText: string
  readonly store: string
  readonly createdOn: string
  /** Where the log is, as the services are told. */
  readonly logEnvironment: Readonly<Record<string, string>>
  /** Where its worker keeps its state, and the databases of its read models, by their services. */
  readonly stateDirectories: readonly string[]
  readonly readModels: Readonly<Record<string, string>>
  readonly leases: string
  /** The files of its workers' certificate, as they are told of them. */
  readonly workerTls: Readonly<Record<string, string>>
  /** Where each service tells its metrics, by its name; of none where nobody asked for them. */
  readonly metricsUrls: Readonly<Record<string, string>>
  pids(): Record<string, number>
}

/** What can be stopped at any time, while it is still starting too. */
export type Running = {
  readonly ready: Promise<Everything>
  /** In order: first who takes requests, last who keeps the data. */
  stop(): Promise<void>
  killNow(): Promise<void>
  /** Called from then on whenever a service that ended runs again, with another process. */
  onRestarted(listener: () => void): void
}

type Parts = {
  readonly services: Service[]
  readonly stores: Store[]
  readonly isStopped: () => boolean
  readonly restarted: EventEmitter
}

/** Starts the stores, the services and the UI's build side by side; `ready` settles when all of them answer. */
export function startAll(options: StartAll): Running {
  const services: Service[] = []
  const stores: Store[] = []
  const restarted = new EventEmitter()
  let stopped: Promise<void> | undefined
  const ready = start(options, { services, stores, restarted, isStopped: () => stopped !== undefined })
  ready.catch(() => undefined)

  const stopAll = async () => {
    const stop = (some: readonly Service[]) => Promise.all(some.map((service) => service.stop()))
    await stop(services.filter(({ name }) => name === 'gateway'))
    await stop(services.filter(({ name }) => name !== 'gateway'))
    await ready.catch(() => undefined)
    await Promise.all(stores.map((store) => store.stop()))
  }
  return {
    ready,
    stop: () => {
      stopped ??= stopAll()
      return stopped
    },
    onRestarted: (listener) => void restarted.on('restarted', listener),
    killNow: async () => {
      for (const service of services) service.killNow()
      await Promise.all(stores.map((store) => store.kill()))
    },
  }
}

async function start(options: StartAll, parts: Parts): Promise<Everything> {
  const { environment, home, clock } = options
  refuseBrokenOff(home)
  const held = await holdPorts(options.publicSocket, environment.PORT === 0, environment.TLS === 'on')
  const placed = options.withMetrics ? await withMetricsPorts(held) : held
  const installation = await installationIn(home, clock)
  const logDirectory = join(home, 'logs')
  const store = storeName(environment)
  await mkdir(join(home, 'state', store), { recursive: true })
  const [postgres, kafka, ui, certificates] = await allSettled([
    startDatabase(options, logDirectory, parts.stores),
    startKafka(options, logDirectory, parts.stores),
    build(options),
    environment.TLS === 'on' ? issue(options, parts) : undefined,
  ])
  watchStore('PostgreSQL', postgres, options, parts.isStopped)
  if (kafka) watchStore('Kafka', kafka, options, parts.isStopped)
  const databaseUrl = databaseUrls(postgres, store)
  const { logEnvironment, logText } = logSettings(environment, installation.id, databaseUrl, kafka)
  const instance = clock.randomId()
  const observed = options.observe ? await startWithObservers(options, placed, logDirectory, parts) : undefined
  const definitions = serviceDefinitions(placed, {
    ...{ repositoryRoot: options.repositoryRoot, home, store, installation, instance, logEnvironment },
    ...{ logLevel: environment.LOG_LEVEL, inherited: options.inherited, uiDirectory: ui.directory },
    ...{ databaseUrl, certificates, alertmanagerUrl: observed?.alertmanager },
  })
  const { createdOn, ledgerId } = installation
  const kept = keptBy(definitions, databaseUrl)
  if (options.restore) await restoreBackup({ ...options, ...options.restore, ...kept, ledgerId, logEnvironment })
  await startServices(options, parts, definitions, logDirectory)
  return {
    ...{ url: urlOf(placed, 'gateway'), issuer: urlOf(placed, 'issuer'), instance, ledgerId },
    ...{ logText, store, createdOn, logEnvironment, observed },
    ...kept,
    metricsUrls: metricsUrls(placed),
    workerTls: certificates ? filesOf(certificates('write-side')) : {},
    pids: () => Object.fromEntries(parts.services.map((service) => [service.name, service.pid() ?? 0])),
  }
}

/** Of every service but the issuer, for as long as they run. */
async function issue({ home, clock, say }: StartAll, { stores }: Parts): Promise<Issuing['paths']> {
  const services = serviceTable.flatMap(({ name, kind }) => (kind === 'issuer' ? [] : [name]))
  const issuing = await startIssuing({ directory: join(home, 'tls'), services, clock, say })
  const stop = async () => issuing.close()
  stores.push({ stop, kill: stop })
  return issuing.paths
}

/** What of a ledger is kept outside its log. */
function keptBy(definitions: readonly ServiceDefinition[], databaseUrl: ServiceSettings['databaseUrl']) {
  const workers = serviceTable.flatMap(({ name, kind }) => (kind === 'write-side' ? [name] : []))
  const directories = definitions.flatMap(({ name, environment }) => {
    const directory = workers.some((worker) => worker === name) ? environment.STATE_DIRECTORY : undefined
    return directory === undefined ? [] : [directory]
  })
  const models = ['accounts', 'reconciliation', 'audit'] as const
  return {
    stateDirectories: directories,
    readModels: Object.fromEntries(models.map((name) => [name, databaseUrl(name, 'read')])),
    leases: databaseUrl('lease', 'run'),
  }
}

async function startServices(
  options: StartAll,
  { services, isStopped, restarted }: Parts,
  definitions: readonly ServiceDefinition[],
  logDirectory: string,
): Promise<void> {
  const { clock, say } = options
  const onGivenUp = (reason: Error) => options.onGivenUp(advised(reason, options.environment))
  let isReady = false
  for (const definition of definitions) {
    if (isStopped()) throw new Error('stopped while starting')
    // While all start at once they wait for each other, and warn; that the issuer asks for no password is said in the
    // welcome.
    const lowestLevel = () => (isReady && definition.name !== 'issuer' ? warning : error)
    const output = serviceOutput(logDirectory, definition.name, say, lowestLevel)
    const onRestarted = () => void restarted.emit('restarted')
    services.push(supervise(definition, { output, clock, say, onGivenUp, onRestarted }))
  }
  await sayWhenDone(options, 'the services', Promise.all(services.map((service) => service.ready())))
  isReady = true
}

/** Brokers of others may hold a ledger of others. */
function advised(reason: Error, { KAFKA_BROKERS }: StartEnvironment): Error {
  if (KAFKA_BROKERS === undefined || !reason.message.includes('must not go on')) return reason
  const advice =
    'A topic is of the one installation that began it: where the log holds another ledger, ' +
    'choose another KAFKA_TOPIC, or start with the MICROPAY_HOME that it is of.'
  return new Error(`${reason.message}\n${advice}`, { cause: reason })
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
  databaseUrl: ServiceSettings['databaseUrl'],
  kafka: KafkaBroker | undefined,
): { logEnvironment: Record<string, string>; logText: string } {
  if (environment.LOG === 'postgres') {
    const url = databaseUrl('lease', 'run')
    return { logEnvironment: { LOG: 'postgres', LOG_DATABASE_URL: url }, logText: 'PostgreSQL (LOG=kafka for Kafka)' }
  }
  if (environment.LOG === 'eventstoredb') {
    const { EVENTSTORE_URL = '', EVENTSTORE_STREAM: stream = `micropay.${installationId}` } = environment
    return {
      logEnvironment: { LOG: 'eventstoredb', EVENTSTORE_URL, EVENTSTORE_STREAM: stream },
      logText: `EventStoreDB, streams ${stream}-…`,
    }
  }
  const brokers = kafka?.brokers.join(',') ?? environment.KAFKA_BROKERS ?? ''
  const own = kafka === undefined ? `micropay.ledger.${installationId}` : 'micropay.ledger'
  const topic = environment.KAFKA_TOPIC ?? own
  return {
    logEnvironment: { LOG: 'kafka', KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic },
    logText: `Kafka at ${brokers}, topic ${topic}`,
  }
}

/**
 * Like Promise.all, but waits for all of them before it throws the first error: nothing goes on starting behind a
 * failure.
 */
async function allSettled<const Work extends readonly (Promise<unknown> | undefined)[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
