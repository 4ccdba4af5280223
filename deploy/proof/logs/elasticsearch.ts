import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { mavenArtifact } from '../maven-artifact.ts'

export const ELASTICSEARCH = '8.15.0'
const program = join(repositoryRoot, '.cache', 'elasticsearch', ELASTICSEARCH)
const UP_WITHIN_MS = 5 * 60_000
/** It refuses to run as root: then it is `nobody`. */
const nobody = 65_534

export type Elasticsearch = {
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A real Elasticsearch of one node, empty, in plain HTTP on loopback. It is the build that its own makers test with:
 * without lifecycle policies, data streams and ingest processors. Needs Maven and Java 17.
 */
export async function startElasticsearch(): Promise<Elasticsearch> {
  await mavenArtifact(`org.elasticsearch.distribution.integ-test-zip:elasticsearch:${ELASTICSEARCH}:zip`, {
    ...{ folder: program, inside: `elasticsearch-${ELASTICSEARCH}`, how: 'unpack' },
  })
  const home = mkdtempSync(join(tmpdir(), 'micropay-elasticsearch-'))
  const [port, transportPort] = [await freePort(), await freePort()]
  writeConfiguration(home, { port, transportPort })
  const output = openSync(join(home, 'output.log'), 'a')
  const { HOME: _, ...environment } = process.env
  const child = spawn(join(program, 'bin', 'elasticsearch'), [], {
    ...{ cwd: home, stdio: ['ignore', output, output], detached: true },
    ...(process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}),
    env: {
      ...{ ...environment, HOME: home, ES_PATH_CONF: join(home, 'config'), ES_TMPDIR: join(home, 'tmp') },
      ...{ ES_JAVA_HOME: process.env.JAVA_HOME ?? javaHome() },
    },
  })
  const dispose = async () => {
    await stop(child)
    await rm(home, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await untilItAnswers(url, child, home)
  } catch (error) {
    await dispose()
    throw error
  }
  return { url, [Symbol.asyncDispose]: dispose }
}

function writeConfiguration(home: string, ports: { readonly port: number; readonly transportPort: number }): void {
  const folders = ['config', 'data', 'logs', 'tmp'].map((name) => join(home, name))
  for (const folder of folders) mkdirSync(folder)
  copyFileSync(join(program, 'config', 'log4j2.properties'), join(home, 'config', 'log4j2.properties'))
  const options = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', `-Djava.io.tmpdir=${join(home, 'tmp')}`]
  writeFileSync(join(home, 'config', 'jvm.options'), `${options.join('\n')}\n`)
  const settings = {
    ...{ 'discovery.type': 'single-node', 'xpack.security.enabled': false, 'network.host': '127.0.0.1' },
    ...{ 'http.port': ports.port, 'transport.port': ports.transportPort },
    ...{ 'path.data': join(home, 'data'), 'path.logs': join(home, 'logs') },
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  writeFileSync(join(home, 'config', 'elasticsearch.yml'), lines.join(''))
  if (process.getuid?.() !== 0) return
  for (const path of ['', ...readdirSync(home, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(home, path), nobody, nobody)
  }
}

/** Where `java` on the path leads to. */
function javaHome(): string {
  const found = (process.env.PATH ?? '').split(':').flatMap((folder) => {
    try {
      return [realpathSync(join(folder, 'java'))]
    } catch {
      return []
    }
  })
  const [program] = found
  if (program === undefined) throw new Error('Elasticsearch needs Java 17: there is no java on the path')
  return join(program, '..', '..')
}

async function untilItAnswers(url: string, child: ChildProcess, home: string): Promise<void> {
  const untilMs = clock.monotonicMs() + UP_WITHIN_MS
  while (clock.monotonicMs() < untilMs) {
    const answer = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    if (answer?.ok) return
    if (child.exitCode !== null || child.signalCode !== null) break
    await clock.sleep(500)
  }
  const said = readFileSync(join(home, 'output.log'), 'utf8').slice(-2_000)
  throw new Error(`Elasticsearch did not answer within ${UP_WITHIN_MS / 60_000} minutes: ${said}`)
}

/** The program that starts it, and the Java that it started. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
