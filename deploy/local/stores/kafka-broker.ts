import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { waitForEarlierServer } from './earlier-server.ts'
import { freePort, PortInUseError } from './free-port.ts'
import { type GuardedProcess, ProcessEnded, startGuarded } from './guarded-process.ts'
import { brokerRuntime, type KafkaRuntime, kafkaFolder } from './kafka-runtime.ts'

export type KafkaBroker = {
  brokers: string[]
  /** Settles when the broker has ended, asked to or not, with what it said last. */
  readonly exited: GuardedProcess['exited']
  stop(): Promise<void>
  /** kill -9, for fault tests. */
  kill(): Promise<void>
}

export type KafkaBrokerOptions = {
  /** Where the broker keeps its log: starting again on it keeps every record. */
  directory: string
  /** Any free port when it is not given. */
  port?: number
  /** The port that it tells its clients to come by, where that is not its own: of a proxy that leads to it. */
  advertisedPort?: number
  /** Lines of its server.properties besides those of deploy/kafka. */
  settings?: readonly string[]
  /** Users of a new directory: `SCRAM-SHA-512=[name=...,password=...]`. */
  users?: readonly string[]
  log?: (line: string) => void
}

const ready = 'Kafka Server started'

/**
 * Starts one real Kafka broker (KRaft) on 127.0.0.1: in Docker where an engine answers, otherwise in Java with the jars
 * of deploy/kafka/pom.xml; throws an Error that says what to install or to stop (PortInUseError for a port). It is
 * ready when the process that was started says so, which it does with its port bound.
 */
export async function startKafkaBroker(options: KafkaBrokerOptions): Promise<KafkaBroker> {
  const { directory, port, advertisedPort, settings = [], users = [], log } = options
  const home = resolve(directory)
  await mkdir(home, { recursive: true })
  const runtime = await brokerRuntime(home, log)
  // Two brokers on one directory damage its metadata before Kafka's own lock is asked.
  const pidFile = join(home, 'broker.pid')
  await waitForEarlierServer(pidFile, home)
  await runtime.kill()
  const brokerPort = port ?? (await freePort())
  const ports = { port: brokerPort, advertisedPort: advertisedPort ?? brokerPort, controllerPort: await freePort() }
  await writeProperties(home, ports, runtime, settings)
  if (!existsSync(join(home, 'data', 'meta.properties'))) await format(home, runtime, users)

  const server = startGuarded({ ...runtime.start(brokerPort), stopSignal: 'TERM', environment: process.env, log })
  await writeFile(pidFile, String(server.pid))
  try {
    await server.saidLine(ready)
  } catch (cause) {
    await end(server, runtime)
    throw explain(cause, home, brokerPort)
  }
  const brokers = [`127.0.0.1:${brokerPort}`]
  return { brokers, exited: server.exited, stop: server.stop, kill: () => end(server, runtime) }
}

async function end(server: GuardedProcess, runtime: KafkaRuntime): Promise<void> {
  await runtime.kill()
  await server.kill()
}

async function writeProperties(
  home: string,
  { port, advertisedPort, controllerPort }: Record<'port' | 'advertisedPort' | 'controllerPort', number>,
  runtime: KafkaRuntime,
  settings: readonly string[],
): Promise<void> {
  const fixed = await readFile(join(kafkaFolder, 'server.properties'), 'utf8')
  const own = [
    `listeners=PLAINTEXT://${runtime.bindAddress}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${advertisedPort}`,
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `log.dirs=${runtime.path(join(home, 'data'))}`,
    ...settings,
  ]
  await writeFile(join(home, 'server.properties'), `${fixed}${own.join('\n')}\n`)
}

async function format(home: string, runtime: KafkaRuntime, users: readonly string[]): Promise<void> {
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const tool = startGuarded({
    ...runtime.format(
      clusterId,
      users.flatMap((user) => ['--add-scram', user]),
    ),
    stopSignal: 'TERM',
    environment: process.env,
  })
  const { code, lastLines } = await tool.exited
  if (code !== 0) throw new Error(`Kafka could not format its storage in ${home}:\n${lastLines.join('\n')}`)
}

function explain(cause: unknown, home: string, port: number): Error {
  if (!(cause instanceof ProcessEnded)) return cause instanceof Error ? cause : new Error(String(cause))
  const said = cause.lastLines.join('\n')
  if (/Address already in use|port is already allocated/.test(said)) {
    return new PortInUseError(
      `Port ${port} is in use, so Kafka cannot start. Stop what listens there or choose another port.`,
      {
        cause,
      },
    )
  }
  return new Error(
    `Kafka did not start on ${home}. If its directory is damaged, restore it from a backup, or move it away and start anew ` +
      `with --fresh (the log in it is then lost).\nKafka said:\n${said}`,
    { cause },
  )
}
