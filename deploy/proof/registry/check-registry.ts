import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '@micropay/gateway/gateway-under-test'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { openRegistry } from '@micropay/runtime/registry/eureka'
import { clientCredentials } from '@micropay/sdk/access-token'
import { mavenJars } from '../maven-jars.ts'
import { type RunningService, startService } from '../service.fixture.ts'

/**
 * Services that register at a real Eureka server, and a gateway that finds them there: by hand, since it takes Maven,
 * a JDK 17 or newer, and some minutes. Ends with 1 where something is not as docs/deployment.md says.
 */
const jars = join(repositoryRoot, '.cache', 'registry', '2025.0.0')
const port = await freePort()
const REGISTRY_URL = `http://127.0.0.1:${port}/eureka`
const folder = await mkdtemp(join(tmpdir(), 'registry-'))
const registry = openRegistry(REGISTRY_URL, clock)
const running: RunningService[] = []
const say = (line: string) => void process.stdout.write(`${line}\n`)

await mavenJars(join(import.meta.dirname, 'pom.xml'), jars, say)
let server = startServer()
try {
  await untilItAnswers()
  await check()
  say('All of it is as docs/deployment.md says.')
} finally {
  for (const { child } of running) child.kill('SIGKILL')
  await stopServer()
  await rm(folder, { recursive: true })
}

async function check(): Promise<void> {
  const [one, other] = [await startInstance(), await startInstance()]
  await until('both are registered', async () => (await registered()).length === 2)
  const gateway = await startGateway({
    upstreams: { accounts: 'registry+http://accounts' },
    registry: { registry, everyMs: 1_000 },
  })
  try {
    const token = await clientCredentials(gateway.issuer.url, { id: 'cli', secret: 'development' })()
    const authorization = `Bearer ${token}`
    // Behind it stands no database: that an instance answers at all is what is asked.
    const ask = async () => {
      const answer = await fetch(`${gateway.url}/v1/accounts`, { headers: { authorization } })
      return `${answer.status} ${(await answer.json()).code}`
    }
    const traffic = async (): Promise<{ name: string; standing: string }[]> => {
      const answer = await fetch(`${gateway.url}/v1/traffic`, { headers: { authorization } })
      const { upstreams } = await answer.json()
      return upstreams.find(({ name }: { name: string }) => name === 'accounts').instances
    }
    const names = async () => (await traffic()).map(({ name }) => name).sort()
    assert.deepEqual(await names(), [one.address, other.address].sort())
    assert.match(await ask(), /^(401|502|503) /)
    say('Two services register, and the gateway finds both.')

    await end(one, 'SIGKILL')
    await until('the one that was killed is asked nothing', async () =>
      (await traffic()).some(({ name, standing }) => name === one.address && standing === 'away'),
    )
    const third = await startInstance()
    await until('the third one is found', async () => (await names()).includes(third.address))
    say('One that is killed is asked nothing, though it is still registered; another one is found.')

    await end(other, 'SIGTERM')
    assert.ok(!(await registered()).includes(other.address))
    await until('it is named no more', async () => !(await names()).includes(other.address))
    say('One that ends by SIGTERM is registered no more.')

    await stopServer()
    await clock.sleep(3_000)
    assert.ok((await names()).includes(third.address))
    const ready = await (await fetch(`${gateway.url}/health/ready`)).text()
    assert.match(ready, /instances of accounts cannot be looked for/)
    say('While Eureka is away the gateway goes on with those that it knows, and says so.')

    server = startServer()
    await untilItAnswers()
    await until('the third one has registered anew', async () => (await registered()).includes(third.address))
    await until('and is found', async () => String(await names()) === third.address)
    say('At one that has lost everything services register anew.')
  } finally {
    await gateway.close()
  }
}

async function startInstance(): Promise<RunningService> {
  // Nothing of what it is asked here needs its database.
  const own = { ACCOUNTS_DATABASE_URL: 'postgres://127.0.0.1:9/none', REGISTRY_URL, REGISTRY_RENEW_SECONDS: '2' }
  const started = await startService('accounts', '../../read-side/accounts/main.ts', own)
  running.push(started)
  return started
}

function registered(): Promise<readonly string[]> {
  return registry.originsOf('accounts', 'http:').catch(() => [])
}

async function end({ child }: RunningService, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_500; tries += 1) {
    if (await isSo()) return
    await clock.sleep(200)
  }
  throw new Error(`it did not come about within five minutes that ${what}`)
}

function startServer() {
  const own = [`--server.port=${port}`, '--server.address=127.0.0.1', '--eureka.client.register-with-eureka=false']
  // What it answers is otherwise up to 30 s old, which is all that this saves.
  const fresh = ['--eureka.client.fetch-registry=false', '--eureka.server.use-read-only-response-cache=false']
  const source = join(import.meta.dirname, 'RegistryServer.java')
  return spawn('java', ['-Xmx300m', '-cp', join(jars, '*'), source, ...own, ...fresh], { stdio: 'ignore' })
}

async function untilItAnswers(): Promise<void> {
  await until('the server answers', async () => {
    if (server.exitCode !== null) throw new Error('the server ended: it needs a JDK 17 or newer')
    return registry.originsOf('accounts', 'http:').then(
      () => true,
      () => false,
    )
  })
}

async function stopServer(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}
