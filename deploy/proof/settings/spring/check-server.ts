import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settings as schema } from '@micropay/gateway/settings'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { mavenJars } from '../../maven-jars.ts'

/**
 * The settings of a gateway, read from Spring Cloud Config's own server on a folder of files: by hand, since it takes
 * Maven, Java 17 or newer, and a minute. Ends with 1 where something is not as docs/configuration.md says.
 */
const jars = join(repositoryRoot, '.cache', 'configuration-server', '4.3.0')
const port = await freePort()
const CONFIG_URL = `http://127.0.0.1:${port}`
const folder = await mkdtemp(join(tmpdir(), 'configuration-'))
const say = (line: string) => void process.stdout.write(`${line}\n`)

await mavenJars(join(import.meta.dirname, 'pom.xml'), jars, say)
await writeFiles('RATE_LIMIT_PER_SECOND: 7')
const mainClass = 'org.springframework.cloud.config.server.ConfigServerApplication'
const files = `--spring.cloud.config.server.native.search-locations=file:${folder}/`
const own = [`--server.port=${port}`, '--server.address=127.0.0.1', '--spring.profiles.active=native', files]
const server = spawn('java', ['-cp', join(jars, '*'), mainClass, ...own], { stdio: 'ignore' })
try {
  await untilItAnswers()
  await check()
  say('All of it is as docs/configuration.md says.')
} finally {
  await stopServer()
  await rm(folder, { recursive: true })
}

async function check(): Promise<void> {
  const CONFIG_KEPT = join(folder, 'kept.json')
  const env = { CONFIG_URL, CONFIG_PROFILE: 'production', CONFIG_KEPT }
  const open = () => openSettings('gateway', schema, { env })
  const settings = await open()
  const [limit, keys] = [settings.live('RATE_LIMIT_PER_SECOND'), settings.live('SESSION_SECRET')]
  assert.deepEqual([limit(), settings.values.LOG_LEVEL], [7, 'warn'])
  assert.deepEqual(keys(), [`${'the new key '.repeat(3)}.`, `${'the old key '.repeat(3)}.`])
  assert.equal((await stat(CONFIG_KEPT)).mode & 0o777, 0o600)
  say('A profile counts before the service, and that before what is for all; a list is a ring of keys.')

  await writeFiles('RATE_LIMIT_PER_SECOND: 9')
  await settings.reload('a check')
  assert.equal(limit(), 9)
  say('A file that has changed is read anew.')

  await writeFiles('RATE_LIMIT_PER_SECOND: 11\nRATE_LIMIT_PER_SECNOD: 11')
  await settings.reload('a check')
  assert.equal(limit(), 9)
  assert.match(settings.trouble() ?? '', /RATE_LIMIT_PER_SECNOD .*: did you mean RATE_LIMIT_PER_SECOND\?/)
  say('A name that nobody knows is told, and nothing of it is applied.')

  await stopServer()
  await settings.reload('a check')
  assert.match(settings.trouble() ?? '', /do not fit|cannot be read/)
  const again = await open()
  assert.equal(again.values.RATE_LIMIT_PER_SECOND, 9)
  assert.match(again.trouble() ?? '', /^the configuration server cannot be read/)
  say('While it is away, a gateway starts with what was good last.')
}

async function writeFiles(ofProfile: string): Promise<void> {
  const keys = ['new', 'old'].map((which) => `  - "${`the ${which} key `.repeat(3)}."\n`).join('')
  const urls = ['WRITE_SIDE', 'ACCOUNTS', 'AUDIT', 'RECONCILIATION'].map((name) => `${name}_URL: http://one\n`).join('')
  const gateway = `PUBLIC_URL: https://pay.example\nOIDC_CLIENT_SECRET: secret\nSESSION_SECRET:\n${keys}${urls}`
  await writeFile(join(folder, 'gateway.yml'), `${gateway}RATE_LIMIT_PER_SECOND: 5\nLOG_LEVEL: warn\n`)
  await writeFile(join(folder, 'gateway-production.yml'), `${ofProfile}\n`)
  await writeFile(join(folder, 'application.yml'), 'LOG_LEVEL: debug\nOIDC_ISSUER: https://login.example\n')
}

async function untilItAnswers(): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (server.exitCode !== null) throw new Error('the server ended: it needs Java 17 or newer')
    const answer = await fetch(`${CONFIG_URL}/gateway/default`).catch(() => undefined)
    if (answer?.ok) return
    await clock.sleep(500)
  }
  throw new Error('the server did not answer within two minutes')
}

async function stopServer(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}
