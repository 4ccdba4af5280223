import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

type Command = { command: string; args: string[] }

export type KafkaRuntime = {
  /** Where the broker listens, as it sees it itself. */
  bindAddress: string
  /** A path in the broker's directory, as the broker sees it. */
  path(inDirectory: string): string
  format(clusterId: string, flags?: readonly string[]): Command
  start(port: number): Command
  /** Ends what a kill -9 of the started command would leave behind. */
  kill(): Promise<void>
}

const run = promisify(execFile)
const repository = join(import.meta.dirname, '..', '..', '..')
export const kafkaFolder = join(repository, 'deploy', 'kafka')
const oldestJava = 17
const heap = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC']
const mainClass = 'kafka.Kafka'
const formatClass = 'kafka.tools.StorageTool'

/**
 * Finds what can run a Kafka broker on `home`: a Docker engine that has or can pull the image, else Java 17 with jars
 * copied once by Maven.
 */
export async function brokerRuntime(home: string, log?: (line: string) => void): Promise<KafkaRuntime> {
  const version = await kafkaVersion()
  const image = `apache/kafka:${version}`
  const hasDocker = await succeeds('docker', ['info'])
  if (hasDocker && (await hasImage(image, log))) return inDocker(home, image)
  return inJava(
    home,
    version,
    hasDocker ? `Docker answers, but has no image ${image}` : 'no Docker engine answers',
    log,
  )
}

export async function kafkaVersion(): Promise<string> {
  const pom = await readFile(join(kafkaFolder, 'pom.xml'), 'utf8')
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1]
  if (!version) throw new Error('deploy/kafka/pom.xml names no kafka.version')
  return version
}

/** Java 17 with the jars, whether or not a Docker engine answers: several brokers can only reach each other so. */
export async function inJava(
  home: string,
  version: string,
  whyNoDocker: string,
  log?: (line: string) => void,
): Promise<KafkaRuntime> {
  await checkJava(whyNoDocker)
  const jars = await copyJars(version, log)
  const settings = join(home, 'server.properties')
  const java = (mainClassName: string, ...args: string[]) => ({
    command: 'java',
    args: [
      ...heap,
      `-Dlog4j2.configurationFile=${join(kafkaFolder, 'log4j2.yaml')}`,
      ...['-cp', join(jars, '*'), mainClassName, ...args],
    ],
  })
  return {
    bindAddress: '127.0.0.1',
    path: (inDirectory) => inDirectory,
    format: (clusterId, flags = []) =>
      java(formatClass, 'format', '--ignore-formatted', '-t', clusterId, '-c', settings, ...flags),
    start: () => java(mainClass, settings),
    kill: async () => undefined,
  }
}

/** The major version of the Java on the path, 0 without one. */
async function javaVersion(): Promise<number> {
  const answer = await run('java', ['-version']).catch(() => undefined)
  return Number(/version "(\d+)/.exec(answer?.stderr ?? '')?.[1] ?? 0)
}

async function checkJava(whyNoDocker: string): Promise<void> {
  const major = await javaVersion()
  if (major >= oldestJava) return
  const found = major > 0 ? `this Java is ${major}` : 'there is no Java'
  throw new Error(
    `A Kafka broker needs Docker, or Java ${oldestJava} or newer with Maven: ${whyNoDocker}, and ${found}. ` +
      'Install them (Debian, Ubuntu: apt-get install default-jre-headless maven; macOS: brew install openjdk maven), ' +
      'start Docker, or set KAFKA_BROKERS to a broker of your own.',
  )
}

async function copyJars(version: string, log?: (line: string) => void): Promise<string> {
  const jars = join(repository, '.cache', 'kafka', version)
  if (existsSync(jars)) return jars
  if (!(await succeeds('mvn', ['--version']))) {
    throw new Error(
      'Maven is needed once, to fetch the jars of the Kafka broker. Install it (Debian, Ubuntu: apt-get install maven; ' +
        'macOS: brew install maven), start Docker, or set KAFKA_BROKERS to a broker of your own.',
    )
  }
  log?.(`Fetching the jars of Kafka ${version} by Maven, once`)
  await copyDependencies(join(kafkaFolder, 'pom.xml'), version, jars)
  return jars
}

/**
 * Copies what a pom names into `jars` by Maven: into a folder of its own first, which is renamed, so that an
 * interrupted or simultaneous copy is never taken for a whole one.
 */
export async function copyDependencies(pom: string, version: string, jars: string): Promise<void> {
  const partial = `${jars}.${process.pid}`
  await mkdir(partial, { recursive: true })
  const quiet = ['--batch-mode', '--quiet', '--no-transfer-progress', '--file', pom, `-Dkafka.version=${version}`]
  const target = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]
  try {
    await run('mvn', [...quiet, ...target], { maxBuffer: 16 << 20 })
    await rename(partial, jars)
  } catch (cause) {
    await rm(partial, { recursive: true, force: true })
    if (existsSync(jars)) return
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : String(cause)
    throw new Error(
      `Maven could not fetch the jars of Kafka ${version}; is the network reachable? Maven said:\n${said}`,
      { cause },
    )
  }
}

/** The same settings in the official image; its own start script would choose settings by itself, so it is not used. */
function inDocker(home: string, image: string): KafkaRuntime {
  const name = `micropay-kafka-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`
  const user = process.getuid && process.getgid ? [`--user=${process.getuid()}:${process.getgid()}`] : []
  const docker = (flags: string[], mainClassName: string, ...args: string[]) => ({
    command: 'docker',
    args: [
      ...[
        'run',
        '--rm',
        `--name=${name}`,
        ...user,
        `--volume=${home}:/micropay`,
        `--volume=${kafkaFolder}:/settings:ro`,
      ],
      ...[...flags, '--entrypoint=java', image, ...heap, '-Dlog4j2.configurationFile=/settings/log4j2.yaml'],
      ...['-cp', '/opt/kafka/libs/*', mainClassName, ...args],
    ],
  })
  const settings = '/micropay/server.properties'
  return {
    bindAddress: '0.0.0.0',
    path: (inDirectory) => inDirectory.replace(home, '/micropay').replaceAll('\\', '/'),
    format: (clusterId, flags = []) =>
      docker([], formatClass, 'format', '--ignore-formatted', '-t', clusterId, '-c', settings, ...flags),
    start: (port) => docker([`--publish=127.0.0.1:${port}:${port}`], mainClass, settings),
    kill: async () => {
      await succeeds('docker', ['rm', '--force', name])
    },
  }
}

async function hasImage(image: string, log?: (line: string) => void): Promise<boolean> {
  if (await succeeds('docker', ['image', 'inspect', image])) return true
  log?.(`Pulling ${image}, once`)
  return succeeds('docker', ['pull', '--quiet', image])
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}
