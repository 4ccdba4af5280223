import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { repositoryRoot } from '@micropay/local/running'
import { serviceTable } from '@micropay/local/start/service-table'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock } from '@micropay/runtime/clock'
import { Account } from '@micropay/schemas/api/account'
import { Payment, PaymentAccepted } from '@micropay/schemas/api/payment'
import { Session } from '@micropay/schemas/api/token'
import { clientCredentials } from '@micropay/sdk/access-token'
import { connectLedger, type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { z } from 'zod'
import { type Compose, composeOf, exitCodes } from './compose.ts'
import { lose, lossesOf } from './losses.ts'

/**
 * `npx pnpm@12 check:images`: brings docker-compose.yml up as a project of its own on free ports, signs in as a browser
 * does, makes a payment through the gateway and reads it back, verifies the log, stops it all and starts it again, and
 * takes it down with its volumes.
 * `--losses` takes a container of each kind away in turn, and pays again; `--brokers` has three brokers in place of
 * one; `--no-build` takes the image that is there, `--keep` leaves it running. Exit code 1 when a step fails, or when
 * there is no Docker here.
 */
const { values: flags } = parseArgs({
  options: {
    'no-build': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    brokers: { type: 'boolean', default: false },
    losses: { type: 'boolean', default: false },
  },
})
const services = serviceTable.map(({ name }) => name)
const deposit = JSON.stringify({ postings: [{ from: 'cash', to: 'ada', amount: '12345', currency: 'EUR' }] })
const Readiness = z.object({
  trouble: z.string().optional(),
  upstreams: z.record(z.string(), z.object({ status: z.string() })),
})
/** A machine with all of it to start at once may be busy with that for minutes. */
const readyWithinMs = 600_000
const say = (text: string) => process.stdout.write(`${text}\n`)
const directory = await mkdtemp(join(tmpdir(), 'micropay-images-'))
const ports = { gateway: await freePort(), issuer: await freePort() }
const gateway = `http://127.0.0.1:${ports.gateway}`
const issuer = `http://127.0.0.1:${ports.issuer}`
const compose = await composeOf({
  directory: repositoryRoot,
  project: `micropay-check-${process.pid}`,
  environmentFile: await settingsIn(directory),
  files: ['docker-compose.yml', ...(flags.brokers ? ['docker-compose.brokers.yml'] : [])],
}).catch(async (error: Error) => {
  await rm(directory, { recursive: true, force: true })
  say(`FAILED: nothing was checked: ${error.message}`)
  process.exit(1)
})

try {
  if (!flags['no-build'])
    await step('the images are built', () => compose('build', 'write-side', 'issuer', 'certificates'))
  await step('everything starts', () => start())
  await step('services run as a user without rights', () => checkUser(compose))
  await step('the UI is served, and a person signs in', signIn)
  const paid = await step('a payment is made and read back', () => withLedger(pay))
  await step('the log is sound', () => checkLog(compose))
  if (flags.losses) await loseEach()
  await step('everything stops in order', () => checkStop(compose))
  await compose('down')
  await step('everything starts again, from its volumes', () => start())
  await step('what was booked is still there, once', () => withLedger((ledger) => checkPaid(ledger, paid)))
  say('ok')
} catch (error) {
  say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
  say(await compose('logs', '--no-color', '--tail', '15').catch(String))
  process.exitCode = 1
} finally {
  if (!flags.keep) {
    await compose('down', '--volumes', '--timeout', '20').catch((error: unknown) => say(String(error)))
    await rm(directory, { recursive: true, force: true })
  } else say(`${gateway} goes on; its settings are in ${directory}`)
}

async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = systemClock.monotonicMs()
  const result = await work()
  say(`  ${name} (${((systemClock.monotonicMs() - startedAt) / 1000).toFixed(1)} s)`)
  return result
}

async function settingsIn(folder: string): Promise<string> {
  const env = { ...process.env, GATEWAY_PORT: String(ports.gateway), ISSUER_PORT: String(ports.issuer) }
  const { stdout } = await promisify(execFile)('sh', [join(repositoryRoot, 'deploy/images/make-env.sh')], { env })
  const path = join(folder, 'env')
  await writeFile(path, stdout, { mode: 0o600 })
  return path
}

async function start(...what: string[]): Promise<void> {
  await compose('up', '--detach', '--no-build', ...what)
  const giveUpAt = systemClock.monotonicMs() + readyWithinMs
  for (;;) {
    const answer = await fetch(`${gateway}/health/ready`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
    const said: unknown = await answer?.json().catch(() => undefined)
    const { trouble, upstreams = {} } = Readiness.safeParse(said).data ?? {}
    const states = Object.values(upstreams)
    if (trouble === undefined && states.length > 0 && states.every(({ status }) => status === 'ready')) return
    if (systemClock.monotonicMs() > giveUpAt) throw new Error(`the gateway is not ready: ${JSON.stringify(said)}`)
    await systemClock.sleep(500)
  }
}

async function loseEach(): Promise<void> {
  for (const loss of lossesOf(flags.brokers ? 3 : 1)) {
    const { container, paysMeanwhile } = loss
    await lose(compose, loss)
    if (paysMeanwhile) await step(`without ${container} a payment is made`, () => withLedger(payMore))
    await step(`with ${container} anew one is made and read back`, async () => {
      await start('--no-deps', container)
      await withLedger(async (ledger) => {
        const { paymentId, position } = await payMore(ledger)
        const read = Payment.parse(await readAt(ledger, `/v1/payments/${paymentId}`, position))
        assert.equal(read.paymentId, paymentId)
      })
    })
  }
  await step('the log is sound after all that', () => checkLog(compose))
}

async function checkUser(run: Compose): Promise<void> {
  for (const service of services) {
    assert.equal((await run('exec', '-T', service, 'id', '-u')).trim(), '1000', `${service} runs as node`)
  }
}

/**
 * The way of a browser: the gateway sends it to the issuer's public name, and redeems the code at that same name from
 * inside.
 */
async function signIn(): Promise<void> {
  const page = await fetch(gateway, { headers: { accept: 'text/html' } })
  assert.match(await page.text(), /<div id="root">/, 'the gateway serves the UI')
  const login = await fetch(`${gateway}/session/login`, { redirect: 'manual' })
  const asked = new URL(login.headers.get('location') ?? '')
  assert.equal(asked.origin, `http://issuer.localhost:${ports.issuer}`)
  const chosen = await fetch(`${issuer}${asked.pathname}${asked.search}`, {
    method: 'POST',
    body: new URLSearchParams({ persona: 'ada' }),
    redirect: 'manual',
  })
  const callback = chosen.headers.get('location') ?? ''
  assert.ok(callback.startsWith(`${gateway}/session/callback`), callback)
  const back = await fetch(callback, { headers: { cookie: cookiesOf(login) }, redirect: 'manual' })
  const session = await fetch(`${gateway}/session`, { headers: { cookie: cookiesOf(back) } })
  assert.equal(Session.parse(await session.json()).subject, 'customer:ada')
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

function withLedger<Result>(work: (ledger: LedgerClient) => Promise<Result>): Promise<Result> {
  const accessToken = clientCredentials(issuer, { id: 'olga', secret: developmentSecret })
  const ledger = connectLedger({ url: gateway, accessToken, patienceMs: 120_000 })
  return work(ledger).finally(() => ledger.close())
}

async function command(ledger: LedgerClient, path: string, key: string, body: string) {
  const answer = await ledger.send({ method: 'POST', path, headers: { 'idempotency-key': key }, body })
  assert.equal(answer.status, 201, problemOf(answer))
  return answer
}

async function readAt(ledger: LedgerClient, path: string, position: string): Promise<unknown> {
  const answer = await ledger.send({ method: 'GET', path, headers: { 'at-least': position, prefer: 'wait=10' } })
  assert.equal(answer.status, 200, problemOf(answer))
  return answer.body
}

type Paid = { readonly paymentId: string; readonly position: string }

async function pay(ledger: LedgerClient): Promise<Paid> {
  const cash = { accountId: 'cash', type: 'external', currency: 'EUR', owner: 'house:micropay' }
  await command(ledger, '/v1/accounts', 'open-cash', JSON.stringify(cash))
  const ada = { accountId: 'ada', type: 'customer', currency: 'EUR', owner: 'customer:ada' }
  await command(ledger, '/v1/accounts', 'open-ada', JSON.stringify(ada))
  const answer = await command(ledger, '/v1/payments', 'deposit', deposit)
  assert.equal(answer.headers['idempotent-replayed'], undefined)
  const paymentId = z.string().parse(PaymentAccepted.parse(answer.body).paymentId)
  const paid = { paymentId, position: z.string().parse(answer.headers.position) }
  await checkBalance(ledger, paid)
  return paid
}

/** Between two accounts of the house, so that the balance of the first payment stays. */
async function payMore(ledger: LedgerClient): Promise<Paid> {
  const other = { accountId: 'bank', type: 'external', currency: 'EUR', owner: 'house:micropay' }
  await command(ledger, '/v1/accounts', 'open-bank', JSON.stringify(other))
  const postings = [{ from: 'cash', to: 'bank', amount: '1', currency: 'EUR' }]
  const answer = await command(ledger, '/v1/payments', `more-${systemClock.randomId()}`, JSON.stringify({ postings }))
  const paymentId = z.string().parse(PaymentAccepted.parse(answer.body).paymentId)
  return { paymentId, position: z.string().parse(answer.headers.position) }
}

async function checkBalance(ledger: LedgerClient, { paymentId, position }: Paid): Promise<void> {
  assert.equal(Payment.parse(await readAt(ledger, `/v1/payments/${paymentId}`, position)).paymentId, paymentId)
  const account = Account.parse(await readAt(ledger, '/v1/accounts/ada', position))
  assert.equal(account.balance, '12345')
}

async function checkPaid(ledger: LedgerClient, paid: Paid): Promise<void> {
  const again = await command(ledger, '/v1/payments', 'deposit', deposit)
  assert.equal(again.headers['idempotent-replayed'], 'true', 'the same key is answered from the ledger')
  assert.equal(PaymentAccepted.parse(again.body).paymentId, paid.paymentId)
  await checkBalance(ledger, paid)
}

/** As an operator does: with the settings of a service that reads the log, in its container. */
async function checkLog(run: Compose): Promise<void> {
  const said = await run('exec', '-T', 'write-side', 'node', 'deploy/cli/main.ts', 'verify')
  assert.match(said, /The log is sound/)
}

/** A service that was killed instead of closing ends with 137 or 143. */
async function checkStop(run: Compose): Promise<void> {
  await run('stop')
  const codes = await exitCodes(run)
  assert.deepEqual(
    services.filter((service) => codes.get(service) !== 0),
    [],
    'these services did not close in order',
  )
}
