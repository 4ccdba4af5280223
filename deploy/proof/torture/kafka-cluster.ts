import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@micropay/local/stores/free-port'
import { type GuardedProcess, startGuarded } from '@micropay/local/stores/guarded-process'
import { inJava, type KafkaRuntime, kafkaFolder, kafkaVersion } from '@micropay/local/stores/kafka-runtime'
import kafkajs from 'kafkajs'
import type { BrokerRole } from './draw-faults.ts'

/** One of three; each sort of client has a listener of its own, so that each can be cut off by itself. */
export type Broker = {
  readonly id: number
  readonly directory: string
  /** The guard's, whose child the broker is. */
  pid(): number | undefined
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
}

export type KafkaCluster = {
  readonly brokers: readonly Broker[]
  /** Of the listener that no wire lies before. */
  readonly direct: readonly string[]
  /** Who leads the ledger's partition now, or the first of those that do not. */
  brokerIn(role: BrokerRole): Promise<Broker | undefined>
  stop(): Promise<void>
}

/** Where a listener really is, and where clients are told that it is. */
export type Listener = { readonly name: string; readonly port: number; readonly advertisedPort: number }

const brokerIds = [1, 2, 3] as const
const ready = 'Kafka Server started'
/** Of three, so that a record is written twice before it is acknowledged. */
const replication = [
  'default.replication.factor=3',
  'min.insync.replicas=2',
  'offsets.topic.replication.factor=3',
  'transaction.state.log.replication.factor=3',
  'transaction.state.log.min.isr=2',
  'share.coordinator.state.topic.replication.factor=3',
  'share.coordinator.state.topic.min.isr=2',
  // A follower that hangs is left behind after this; Kafka's own 30 s are as long as all of a fault here.
  'replica.lag.time.max.ms=10000',
  'controlled.shutdown.enable=true',
  'group.initial.rebalance.delay.ms=0',
]

/**
 * Starts three real brokers (KRaft, each a controller too) with Java; `listenersOf` says which clients each has a
 * listener for. Throws an Error that says what to install.
 */
export async function startKafkaCluster(
  directory: string,
  listenersOf: (brokerId: number) => Promise<readonly Listener[]>,
  topic: string,
  log: (line: string) => void,
): Promise<KafkaCluster> {
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const ports = new Map<number, { direct: number; controller: number }>()
  for (const id of brokerIds) ports.set(id, { direct: await freePort(), controller: await freePort() })
  const voters = brokerIds.map((id) => `${id}@127.0.0.1:${ports.get(id)?.controller}`).join(',')
  const brokers: Broker[] = []
  for (const id of brokerIds) {
    const { direct = 0, controller = 0 } = ports.get(id) ?? {}
    const listeners = [{ name: 'DIRECT', port: direct, advertisedPort: direct }, ...(await listenersOf(id))]
    const settings = settingsOf(id, voters, controller, listeners, join(directory, `broker-${id}`, 'data'))
    brokers.push(await prepareBroker(id, join(directory, `broker-${id}`), settings, clusterId, log))
  }
  // Each waits for the quorum, which none is alone.
  await Promise.all(brokers.map((broker) => broker.start()))
  const direct = brokerIds.map((id) => `127.0.0.1:${ports.get(id)?.direct}`)
  return {
    ...{ brokers, direct },
    brokerIn: async (role) => {
      const leader = await leaderOf(direct, topic)
      return brokers.find(({ id }) => (id === leader) === (role === 'leader'))
    },
    stop: async () => {
      await Promise.all(brokers.map((broker) => broker.kill()))
    },
  }
}

async function leaderOf(brokers: readonly string[], topic: string): Promise<number | undefined> {
  const kafka = new kafkajs.Kafka({ clientId: 'torture', brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  await admin.disconnect()
  return topics[0]?.partitions[0]?.leader
}

function settingsOf(
  id: number,
  voters: string,
  controllerPort: number,
  listeners: readonly Listener[],
  dataDirectory: string,
): readonly string[] {
  const advertised = listeners.map((listener) => `${listener.name}://127.0.0.1:${listener.advertisedPort}`)
  const bound = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`)
  return [
    ...replication,
    `node.id=${id}`,
    `controller.quorum.voters=${voters}`,
    'inter.broker.listener.name=DIRECT',
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,${listeners.map(({ name }) => `${name}:PLAINTEXT`).join(',')}`,
    `listeners=${bound.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${advertised.join(',')}`,
    `log.dirs=${dataDirectory}`,
  ]
}

async function prepareBroker(
  id: number,
  directory: string,
  settings: readonly string[],
  clusterId: string,
  log: (line: string) => void,
): Promise<Broker> {
  await mkdir(directory, { recursive: true })
  const runtime = await inJava(directory, await kafkaVersion(), 'three brokers are not run in Docker', log)
  const fixed = await readFile(join(kafkaFolder, 'server.properties'), 'utf8')
  // Of a setting that stands twice the later one counts.
  await writeFile(join(directory, 'server.properties'), `${fixed}${settings.join('\n')}\n`)
  if (!existsSync(join(directory, 'data', 'meta.properties'))) await format(runtime, clusterId, directory)
  let server: GuardedProcess | undefined
  return {
    id,
    directory,
    pid: () => server?.pid,
    start: async () => {
      const line = (text: string) => log(`broker ${id}: ${text}`)
      server = startGuarded({ ...runtime.start(0), stopSignal: 'TERM', environment: process.env, log: line })
      await server.saidLine(ready)
    },
    stop: async () => server?.stop(),
    kill: async () => server?.kill(),
  }
}

async function format(runtime: KafkaRuntime, clusterId: string, directory: string): Promise<void> {
  const tool = startGuarded({ ...runtime.format(clusterId), stopSignal: 'TERM', environment: process.env })
  const { code, lastLines } = await tool.exited
  if (code !== 0) throw new Error(`Kafka could not format its storage in ${directory}:\n${lastLines.join('\n')}`)
}
