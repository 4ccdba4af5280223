import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bearer, signIn } from '@micropay/gateway/gateway-under-test'
import { startDevelopmentIssuer } from '@micropay/local/issuer/issuer'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { Configuration } from '@micropay/schemas/api/configuration'
import { type RunningService, startService } from '../service.fixture.ts'

/** A gateway and a read service as processes, which read one file of settings. */
const directory = mkdtempSync(join(tmpdir(), 'settings-'))
const CONFIG_FILE = join(directory, 'config.json')
const [old, fresh] = ['old '.repeat(10), 'new '.repeat(10)]
let issuer: Awaited<ReturnType<typeof startDevelopmentIssuer>>
let gateway: RunningService
let accounts: RunningService
let url: string
const write = (own: object) => {
  const shared = {
    OIDC_ISSUER: issuer.url,
    CURSOR_SECRET: 'a secret of 16 or more',
    WRITE_SIDE_URL: 'http://127.0.0.1:9',
  }
  writeFileSync(CONFIG_FILE, JSON.stringify({ ...shared, gateway: { SESSION_SECRET: old, ...own } }))
}

before(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const client = { id: 'gateway', secret: developmentSecret, redirectUris: [`${url}/session/callback`] }
  const log = createLogger('test', 'silent')
  issuer = await startDevelopmentIssuer({ directory, port: 0, client, audience: 'micropay', clock, log })
  write({})
  // What the fixture would say of it stands in the file.
  const given = { CONFIG_FILE, OIDC_ISSUER: '', REQUEST_HASH_KEY: '', CURSOR_SECRET: '', CONFIG_REFRESH_SECONDS: '0.2' }
  const ACCOUNTS_DATABASE_URL = 'postgres://reader:hidden@127.0.0.1:9/accounts'
  accounts = await startService('accounts', '../../read-side/accounts/main.ts', { ...given, ACCOUNTS_DATABASE_URL })
  gateway = await startService('gateway', '../../gateway/main.ts', {
    ...given,
    // It is asked all the while, from one address.
    ...{ PORT: String(port), PUBLIC_URL: url, OIDC_CLIENT_SECRET: developmentSecret, ADDRESS_LIMIT_PER_SECOND: '0' },
    ...{ ACCOUNTS_URL: accounts.address, AUDIT_URL: 'http://127.0.0.1:9', RECONCILIATION_URL: 'http://127.0.0.1:9' },
    PROJECTIONS_URLS: 'accounts=http://127.0.0.1:9',
  })
})
after(async () => {
  for (const { child } of [gateway, accounts]) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  await issuer.close()
  rmSync(directory, { recursive: true })
})

const ask = async (persona: 'sam' | 'vera') =>
  fetch(`${url}/v1/configuration`, { headers: await bearer(issuer.url, persona) })
const shown = async () => Configuration.parse(await (await ask('sam')).json())
const settingOf = async (service: string, name: string) => {
  const { services } = await shown()
  return services.find((each) => each.service === service)?.settings.find((each) => each.name === name)
}
async function until<Value>(what: () => Promise<Value>, isIt: (value: Value) => boolean): Promise<Value> {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await what()
    if (isIt(value)) return value
    await clock.sleep(100)
  }
  assert.fail(`it did not come about: ${JSON.stringify(await what())}`)
}

test('who operates sees what is in force in each service, from where, and no secret', { timeout: 60_000 }, async () => {
  assert.equal((await ask('vera')).status, 403)
  assert.equal((await fetch(`${accounts.address}/v1/configuration`)).status, 401)
  const { services, unreachable } = await shown()
  assert.deepEqual(
    services.map(({ service }) => service),
    ['gateway', 'accounts'],
  )
  assert.ok(unreachable.some(({ service, reason }) => service === 'write-side' && reason === 'does not answer'))
  const text = JSON.stringify(services)
  for (const secret of [old.trim(), 'hidden', 'a secret of 16']) assert.ok(!text.includes(secret), secret)
  const cursor = await settingOf('accounts', 'CURSOR_SECRET')
  assert.deepEqual([cursor?.value, cursor?.from], ['(secret)', `CONFIG_FILE ${CONFIG_FILE}`])
  assert.equal((await settingOf('gateway', 'RATE_LIMIT_PER_SECOND'))?.from, 'the default')
})

test('a secret is changed while people are signed in, and nobody is refused', { timeout: 60_000 }, async (context) => {
  const { browser } = await signIn(url, 'ada')
  const statuses = new Set<number>()
  let [isOver, asked] = [false, 0]
  context.after(() => {
    isOver = true
  })
  const asking = (async () => {
    while (!isOver) {
      statuses.add((await browser.go(`${url}/session`)).status)
      asked += 1
    }
  })()
  const ringOf = async () => (await settingOf('gateway', 'SESSION_SECRET'))?.value
  for (const SESSION_SECRET of [
    [old, fresh],
    [fresh, old],
  ]) {
    const { services } = await shown()
    const before = services[0]?.lastReload?.at
    write({ SESSION_SECRET })
    await until(shown, (now) => now.services[0]?.lastReload?.at !== before)
  }
  assert.equal(await ringOf(), '(secret, 2 keys)')
  isOver = true
  await asking
  assert.ok(asked > 5)
  assert.deepEqual([...statuses], [200])
  const { browser: later } = await signIn(url, 'ben')
  write({ SESSION_SECRET: fresh })
  await until(ringOf, (value) => value === '(secret)')
  assert.equal((await browser.go(`${url}/session`)).status, 401)
  assert.equal((await later.go(`${url}/session`)).status, 200)
})

test('settings that are wrong change nothing, and whoever looks is told', { timeout: 60_000 }, async () => {
  write({ SESSION_SECRET: fresh, RATE_LIMIT_PER_SECOND: 'plenty', LOG_LEVEL: 'warn' })
  const { services } = await until(shown, (now) => now.services[0]?.trouble !== null)
  const [own] = services
  assert.match(
    own?.trouble ?? '',
    /RATE_LIMIT_PER_SECOND \(CONFIG_FILE .*, gateway\): must be a whole number of requests/,
  )
  assert.equal((await settingOf('gateway', 'LOG_LEVEL'))?.value, 'info')
  write({ SESSION_SECRET: fresh, RATE_LIMIT_PER_SECOND: 50, LOG_LEVEL: 'warn' })
  await until(shown, (now) => now.services[0]?.trouble === null)
  assert.equal((await settingOf('gateway', 'LOG_LEVEL'))?.value, 'warn')
  assert.equal((await ask('sam')).headers.get('ratelimit-policy'), '"default";q=50;w=1')
})
