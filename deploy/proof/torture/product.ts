import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { type Postgres, startPostgres } from '@micropay/local/stores/postgres'
import { systemClock } from '@micropay/runtime/clock'
import { Client } from 'pg'
import { type DiskOf, mountDisk } from './disk.ts'
import type { Ground, LogName, ProjectionName } from './draw-faults.ts'
import { clockEnvironment } from './fake-clock.ts'
import { type KafkaCluster, startKafkaCluster } from './kafka-cluster.ts'
import { type OwnEnd, type Service, service } from './service.ts'
import { openWire, type Wire } from './wire.ts'

export type WorkerName = 'a' | 'b'
export type ClientName = WorkerName | ProjectionName | 'reads'

/** The product as it runs in production, two of each, with a wire of its own for each connection of each process. */
export type Product = {
  readonly directory: string
  readonly log: LogName
  readonly partitions: number
  readonly issuerUrl: string
  readonly services: Readonly<Record<ClientName, Service>>
  /** The wires of a process: to `lease`, `read model`, and the log: `log`, or `broker 1` to `broker 3`. */
  readonly wires: Readonly<Record<ClientName, ReadonlyMap<string, Wire>>>
  readonly disks: Readonly<Record<WorkerName, DiskOf>>
  readonly kafka: KafkaCluster | undefined
  readonly postgres: PostgresServer
  /** Nothing may be connected to it then. */
  dropReadModel(): Promise<void>
  /** Without a wire before it. */
  databaseUrl(name: 'log' | 'accounts'): string
  /** How processes of it ended though nobody had told them to. */
  readonly ownEnds: readonly OwnEnd[]
  stop(): Promise<void>
}

/** PostgreSQL that can be killed and started on the same port. */
export type PostgresServer = {
  pid(): Promise<number>
  kill(): Promise<void>
  start(): Promise<void>
}

export const topic = 'micropay.ledger'
export const inboxTopic = `${topic}.inbox`
export const workerNames = ['a', 'b'] as const
const clientNames = ['a', 'b', 'p1', 'p2', 'reads'] as const
const databases = { log: 'micropay_log', accounts: 'micropay_accounts' } as const
const secret = 'a secret of the fault suite, which guards nothing at all'

export async function startProduct(directory: string, { log, partitions }: Ground): Promise<Product> {
  mkdirSync(join(directory, 'logs'), { recursive: true })
  const port = await freePort()
  const dataDirectory = join(directory, 'postgres')
  const line = lineWriter(directory, 'postgres')
  let server = await startPostgres({ dataDirectory, port, log: line })
  for (const name of Object.values(databases)) await server.createDatabase(name)
  const wires = await openWires(log, port)
  const kafka = log === 'kafka' ? await startBrokers(directory, wires) : undefined
  const ownEnds: OwnEnd[] = []
  const issuer = await startIssuer(directory, (end) => ownEnds.push(end))
  const disks = { a: mountDisk(join(directory, 'state-a')), b: mountDisk(join(directory, 'state-b')) }
  const through = (client: ClientName, end: string, database: keyof typeof databases) =>
    Object.assign(new URL(server.url(databases[database])), { port: String(wires[client].get(end)?.port) }).href
  const environmentOf = (client: ClientName) => ({
    ...{ OIDC_ISSUER: issuer.url, LOG_LEVEL: 'info' },
    ...(kafka ? brokersOf(wires[client]) : { LOG: 'postgres', LOG_DATABASE_URL: through(client, 'log', 'log') }),
    ...(client === 'a' || client === 'b'
      ? {
          ...workerEnvironment(client, join(directory, `state-${client}`), through(client, 'lease', 'log')),
          PARTITIONS: String(partitions),
        }
      : { ACCOUNTS_DATABASE_URL: through(client, 'read model', 'accounts'), CURSOR_SECRET: secret }),
  })
  const startOne = async (name: ClientName, main: string) => {
    const options = { name, main, port: await freePort(), logPath: join(directory, 'logs', `${name}.log`) }
    const clock = name === 'a' || name === 'b' ? clockEnvironment(directory, name) : {}
    const environment = { ...environmentOf(name), ...clock }
    const started = service({ ...options, environment, onOwnEnd: (end) => ownEnds.push(end) })
    started.start()
    return started
  }
  const services = {
    a: await startOne('a', 'write-side/main.ts'),
    b: await startOne('b', 'write-side/main.ts'),
    p1: await startOne('p1', 'projections/accounts/main.ts'),
    p2: await startOne('p2', 'projections/accounts/main.ts'),
    reads: await startOne('reads', 'read-side/accounts/main.ts'),
  }
  return {
    ...{ directory, log, partitions, issuerUrl: issuer.url, services, wires, disks, kafka, ownEnds },
    postgres: {
      pid: () => pidIn(dataDirectory),
      kill: () => server.kill(),
      start: async () => {
        server = await startPostgres({ dataDirectory, port, log: line })
      },
    },
    dropReadModel: async () => {
      await dropDatabase(server.url('postgres'), databases.accounts)
      await server.createDatabase(databases.accounts)
    },
    databaseUrl: (name) => server.url(databases[name]),
    stop: async () => {
      for (const one of [...Object.values(services), issuer]) await one.kill()
      for (const wire of clientNames.flatMap((name) => [...wires[name].values()])) await wire.close()
      await Promise.all([kafka?.stop(), stopServer(server, dataDirectory)])
      for (const disk of Object.values(disks)) disk.unmount()
    },
  }
}

async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(`drop database ${name} with (force)`)
  await client.end()
}

async function stopServer(server: Postgres, dataDirectory: string): Promise<void> {
  if (existsSync(join(dataDirectory, 'postmaster.pid'))) await server.stop()
}

/** The first line of the file that PostgreSQL keeps while it runs. */
async function pidIn(dataDirectory: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8'), 10)
}

function workerEnvironment(name: WorkerName, stateDirectory: string, leaseUrl: string) {
  return {
    ...{ LEASE_DATABASE_URL: leaseUrl, STATE_DIRECTORY: stateDirectory, LEDGER_ID: 'torture', WORKER_ID: name },
    REQUEST_HASH_KEY: secret,
  }
}

function brokersOf(wires: ReadonlyMap<string, Wire>): Record<string, string> {
  const brokers = [1, 2, 3].map((id) => `127.0.0.1:${wires.get(`broker ${id}`)?.port}`).join(',')
  return { LOG: 'kafka', KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic, KAFKA_REPLICATION: '3' }
}

type Wires = Record<ClientName, Map<string, Wire>>
/** Where the wires to the brokers lead: their listeners have ports once the wires have. */
const listenerPorts = new WeakMap<Wire, number>()

async function openWires(log: LogName, postgresPort: number): Promise<Wires> {
  const wires: Wires = { a: new Map(), b: new Map(), p1: new Map(), p2: new Map(), reads: new Map() }
  for (const name of clientNames) {
    const toPostgres = async (end: string) => wires[name].set(end, await openWire(() => postgresPort))
    await toPostgres(name === 'a' || name === 'b' ? 'lease' : 'read model')
    if (name === 'reads') continue
    if (log === 'postgres') await toPostgres('log')
    else for (const id of [1, 2, 3]) await openBrokerWire(wires[name], id)
  }
  return wires
}

async function openBrokerWire(into: Map<string, Wire>, id: number): Promise<void> {
  const wire: Wire = await openWire(() => listenerPorts.get(wire) ?? 0)
  into.set(`broker ${id}`, wire)
}

function startBrokers(directory: string, wires: Wires): Promise<KafkaCluster> {
  const listenersOf = async (id: number) => {
    const listeners = []
    for (const name of clientNames) {
      const wire = wires[name].get(`broker ${id}`)
      if (!wire) continue
      const port = await freePort()
      listenerPorts.set(wire, port)
      listeners.push({ name: `FOR_${name.toUpperCase()}`, port, advertisedPort: wire.port })
    }
    return listeners
  }
  return startKafkaCluster(join(directory, 'kafka'), listenersOf, topic, lineWriter(directory, 'kafka'))
}

export async function startIssuer(directory: string, onOwnEnd: (end: OwnEnd) => void): Promise<Service> {
  const environment = { STATE_DIRECTORY: join(directory, 'issuer'), OIDC_CLIENT_SECRET: developmentSecret }
  const options = { name: 'issuer', main: 'deploy/local/issuer/issuer-main.ts', port: await freePort() }
  await mkdir(environment.STATE_DIRECTORY, { recursive: true })
  const issuer = service({ ...options, environment, logPath: join(directory, 'logs', 'issuer.log'), onOwnEnd })
  issuer.start()
  await untilAnswers(`${issuer.url}/.well-known/openid-configuration`)
  return issuer
}

export function lineWriter(directory: string, name: string): (line: string) => void {
  const stream = createWriteStream(join(directory, 'logs', `${name}.log`), { flags: 'a' })
  return (line) => void stream.write(`${line}\n`)
}

/** Throws when it does not answer 200 within a minute. */
export async function untilAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if ((await statusOf(url)) === 200) return
    await systemClock.sleep(100)
  }
  throw new Error(`${url} does not answer 200 within a minute`)
}

async function statusOf(url: string): Promise<number> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => 0,
  )
}
