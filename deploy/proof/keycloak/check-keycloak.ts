import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createBrowser, startGateway } from '@micropay/gateway/gateway-under-test'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock as clock } from '@micropay/runtime/clock'
import { Session, SignedOut } from '@micropay/schemas/api/token'
import { z } from 'zod'
import { mavenArtifact } from '../maven-artifact.ts'
import { administrationOf, administrator } from './administration.ts'
import { person, realm } from './realm.ts'

/**
 * People of a real Keycloak at a gateway: they sign in, pay, and are signed out from both sides. By hand, since it
 * takes Maven, Java 17 or newer, and some minutes. Ends with 1 where something is not as docs/deployment.md says.
 */
const VERSION = '26.7.3'
const folder = join(repositoryRoot, '.cache', 'keycloak', VERSION)
const UP_WITHIN_MS = 30 * 60_000
const say = (line: string) => void process.stdout.write(`${line}\n`)

await mavenArtifact(`org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`, {
  ...{ folder, inside: `keycloak-${VERSION}`, how: 'unpack' },
})
const port = await freePort()
const keycloakUrl = `http://127.0.0.1:${port}`
const gatewayPort = await freePort()
const gatewayUrl = `http://127.0.0.1:${gatewayPort}`
const keycloak = startKeycloak()
const administration = administrationOf(keycloakUrl)
try {
  await untilItAnswers()
  await administration.makeRealm(gatewayUrl, { id: 'gateway', secret: 'of the gateway' })
  const gateway = await startGateway({ tokensOf: `${keycloakUrl}/realms/${realm}`, port: gatewayPort })
  try {
    await check(() => gateway.seen.at(-1)?.headers.authorization)
  } finally {
    await gateway.close()
  }
  say(`All of it is as docs/deployment.md says, by Keycloak ${VERSION}.`)
} finally {
  await stopKeycloak()
}

type Browser = ReturnType<typeof createBrowser>

async function check(sentOn: () => string | string[] | undefined): Promise<void> {
  const browser = createBrowser()
  const { session, headers } = await signIn(browser)
  assert.equal(session.name, 'Ada Lovelace')
  const scopes = session.scopes.filter((name) => name.includes(':')).toSorted()
  assert.deepEqual(scopes, ['accounts:read', 'payments:make'])
  say('A person signs in, and has the scopes of their role and no others, though all were asked for.')

  assert.equal((await browser.go(`${gatewayUrl}/v1/payments`, { method: 'POST', headers, body: '{}' })).status, 200)
  const token = String(sentOn()).replace(/^Bearer /, '')
  const [{ typ, alg }, { client_id: client, tenant }] = partsOf(token)
  assert.deepEqual([typ, alg, client, tenant], ['at+jwt', 'ES256', 'gateway', 'main'])
  say('They pay, by an access token that is one of RFC 9068.')

  const out = await browser.go(`${gatewayUrl}/session/logout`, { method: 'POST', headers })
  const { endSessionUrl } = SignedOut.parse(await out.json())
  const page = await follow(browser, endSessionUrl, '/session/signed-out')
  assert.match(await page.text(), /You are signed out/)
  const again = await browser.go(`${gatewayUrl}/session/login`)
  const asked = await browser.go(again.headers.get('location') ?? '')
  assert.match(await asked.text(), /name="password"/)
  say('They sign out here, are led to Keycloak and back without a question, and are asked for a password next time.')

  const [one, other, third] = [createBrowser(), createBrowser(), createBrowser()]
  for (const each of [one, other, third]) await signIn(each)
  await administration.endSession(sidIn(one))
  await untilOver(one)
  assert.deepEqual([await statusOf(other), await statusOf(third)], [200, 200])
  say('An administrator ends one session there: it is over here, and the others go on.')

  await administration.endAllOf(person.username)
  for (const each of [other, third]) await untilOver(each)
  say('And all sessions of a person: none goes on here.')
}

async function statusOf(browser: Browser): Promise<number> {
  return (await browser.go(`${gatewayUrl}/v1/accounts`)).status
}

async function untilOver(browser: Browser): Promise<void> {
  const untilMs = clock.monotonicMs() + 5_000
  while ((await statusOf(browser)) !== 401) {
    assert.ok(clock.monotonicMs() < untilMs, 'a session that ended at the issuer went on for 5 s')
    await clock.sleep(50)
  }
}

async function signIn(browser: Browser) {
  const back = await follow(browser, `${gatewayUrl}/session/login`, '/session/callback')
  assert.equal(back.status, 303, await back.text())
  const session = Session.parse(await (await browser.go(`${gatewayUrl}/session`)).json())
  return { session, headers: { 'x-csrf-token': session.csrfToken, origin: gatewayUrl } }
}

/** Follows redirects, and fills the form in that asks who one is, until the browser is back at that page of ours. */
async function follow(browser: Browser, from: string, until: string): Promise<Response> {
  let url = from
  let answer = await browser.go(url)
  for (let steps = 0; steps < 12; steps += 1) {
    if (url.startsWith(`${gatewayUrl}${until}`)) return answer
    const location = answer.headers.get('location')
    if (location !== null) {
      url = new URL(location, url).href
      answer = await browser.go(url)
      continue
    }
    const html = await answer.text()
    const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    assert.ok(action && html.includes('name="password"'), `${url} answered ${answer.status}: ${html.slice(0, 2000)}`)
    const { username, password } = person
    url = action
    answer = await browser.go(url, { method: 'POST', body: new URLSearchParams({ username, password }) })
  }
  return assert.fail(`not back after 12 steps, but at ${url}`)
}

/** Keycloak's own cookie is a token that names its session. */
function sidIn({ cookies }: Browser): string {
  const [, { sid }] = partsOf(cookies.get('KEYCLOAK_IDENTITY') ?? '')
  return z.string().parse(sid)
}

/** Header and claims of a token, which the gateway has checked. */
function partsOf(token: string) {
  const [header = {}, claims = {}] = token.split('.', 2).map((part) => {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(part, 'base64url').toString()))
  })
  return [header, claims] as const
}

function startKeycloak() {
  const { username, password } = administrator
  const env = { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: username, KC_BOOTSTRAP_ADMIN_PASSWORD: password }
  // The database is in memory: nothing of a check is there at the next one.
  const own = ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', `--http-port=${port}`]
  return spawn('bash', [join(folder, 'bin', 'kc.sh'), ...own], { stdio: 'ignore', env, detached: true })
}

async function untilItAnswers(): Promise<void> {
  const untilMs = clock.monotonicMs() + UP_WITHIN_MS
  while (clock.monotonicMs() < untilMs) {
    if (keycloak.exitCode !== null) throw new Error('Keycloak ended: it needs Java 17 or newer')
    const answer = await fetch(`${keycloakUrl}/realms/master`).catch(() => undefined)
    if (answer?.ok) return
    await clock.sleep(1_000)
  }
  throw new Error('Keycloak did not answer within half an hour')
}

/** The script and the Java that it started. */
async function stopKeycloak(): Promise<void> {
  if (keycloak.pid === undefined || keycloak.exitCode !== null || keycloak.signalCode !== null) return
  const ended = once(keycloak, 'exit')
  process.kill(-keycloak.pid, 'SIGKILL')
  await ended
}
