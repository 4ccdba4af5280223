import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { textIn } from '../torture/ask.ts'
import { createBalancer } from './balancer.ts'
import { currency, ids, openAccounts } from './callers.ts'
import { tokensOf, untilShared } from './renew.ts'
import { type SignedIn, signIn } from './signed-in.ts'
import { type Site, type SiteService, startSite } from './site.ts'

/** What a customer is answered, as the cells of the table in docs/operations.md say it. */
type Sight = Readonly<Record<(typeof columns)[number], string>>
type How = 'stands still' | 'is gone'

const columns = ['pays', 'balance', 'balance as of the payment', 'is signed in', 'signs in'] as const
const directory = mkdtempSync(join(tmpdir(), 'micropay-away-'))
const [[from = '', to = ''] = []] = ids
const account = `/v1/accounts/${encodeURIComponent(from)}`
let redis: RedisServer
let site: Site
let ada: SignedIn
let payments = 0

/** The first thing that stands in backquotes in each cell. */
function tableRows(): readonly ({ readonly away: string; readonly how: string } & Partial<Sight>)[] {
  const text = readFileSync(join(repositoryRoot, 'docs/operations.md'), 'utf8')
  const [head = '', , ...rows] = (text.split('### What a customer sees\n')[1] ?? '').match(/^\|.*\|$/gm) ?? []
  const cellsOf = (row: string) => row.split('|').slice(1, -1)
  const names = cellsOf(head).map((name) => name.trim())
  return rows.map((row) => {
    const [away = '', how = '', ...cells] = cellsOf(row).map((cell) => cell.trim())
    const said = cells.map((cell, index) => [names[index + 2] ?? '', /`([^`]+)`/.exec(cell)?.[1] ?? ''])
    return { away, how, ...Object.fromEntries(said) }
  })
}

async function ask(path: string, init: RequestInit = {}) {
  const headers = { ...ada.headers(), ...Object.fromEntries(new Headers(init.headers)) }
  const signal = AbortSignal.timeout(60_000)
  const answer = await fetch(`${site.gateways[0]?.url}${path}`, { redirect: 'manual', ...init, headers, signal })
  const body: unknown = await answer.json().catch(() => undefined)
  ada.take(answer.headers.getSetCookie())
  const code = answer.status < 400 ? undefined : textIn(body, 'code')
  const said = code === undefined ? String(answer.status) : `${answer.status} ${code}`
  return { said, position: answer.headers.get('position') ?? '' }
}

function pay() {
  payments += 1
  return ask('/v1/payments', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `away:${payments}` },
    body: JSON.stringify({ postings: [{ from, to, amount: '1', currency }] }),
  })
}

async function look(): Promise<Sight> {
  const paid = await pay()
  const [balance, session, signing] = [await ask(account), await ask('/session'), await ask('/session/login')]
  const asOf = { headers: { 'at-least': paid.position, prefer: 'wait=1' } }
  return {
    ...{ pays: paid.said, balance: balance.said, 'is signed in': session.said, 'signs in': signing.said },
    'balance as of the payment': paid.position === '' ? '' : (await ask(account, asOf)).said,
  }
}

/** All is as it was again. */
async function untilWell(): Promise<void> {
  for (;;) {
    const seen = await look().catch(() => undefined)
    if (seen?.pays === '201' && seen.balance === '200' && seen['balance as of the payment'] === '200') return
    await systemClock.sleep(200)
  }
}

const unreachable = '502 upstream_unreachable'
/** One becomes the other where ten asked within ten seconds, which may have been those before. */
const either = (said: string) => (said === '503 upstream_away' ? said : unreachable)

/** What comes is what the table has of it. */
async function holds(away: string, how: How): Promise<void> {
  const row = tableRows().find((each) => each.away.split(', ')[0] === away && each.how.split(', ').includes(how))
  const seen = await look()
  const told = columns.map((column) => [column, row?.[column] === unreachable ? either(seen[column]) : row?.[column]])
  assert.deepEqual(seen, Object.fromEntries(told), `${away} ${how}`)
}

/** One process, or all that the row names. */
const tried: Readonly<Record<string, readonly string[]>> = {
  issuer: ['issuer'],
  accounts: ['accounts'],
  'accounts-projection': ['accounts-projection'],
  reconciliation: ['reconciliation', 'reconciliation-projection'],
  audit: ['audit', 'audit-projection'],
}

describe('what a customer sees while a process is away', { timeout: 230_000 }, () => {
  before(async () => {
    redis = await startRedisServer()
    site = await startSite(directory, 1, { REDIS_URL: redis.url })
    const tokens = tokensOf(site.issuerUrl)
    await openAccounts(createBalancer(site.gateways.map(({ url }) => url)), tokens)
    await untilShared(site, tokens)
    ada = await signIn(String(site.gateways[0]?.url))
    await untilWell()
  })
  after(async () => {
    await site.stop()
    await redis.kill()
    await rm(directory, { recursive: true, force: true })
  })

  const named = (name: string): SiteService => {
    const all = [site.issuer, ...site.workers, ...site.readServices, ...site.projections]
    return all.find((one) => one.name === `${name}-1`) ?? assert.fail(name)
  }

  for (const [away, names] of Object.entries(tried)) {
    test(`${away} stands still, and is gone`, async () => {
      const all = names.map(named)
      for (const one of all) one.signal('SIGSTOP')
      await holds(away, 'stands still')
      for (const one of all) one.signal('SIGCONT')
      await untilWell()
      for (const one of all) await one.kill()
      await holds(away, 'is gone')
      for (const one of all) one.start()
      await untilWell()
    })
  }

  test('write-side stands still: who waits is told once it goes on, and who comes meanwhile at once', async () => {
    const worker = named('write-side')
    worker.signal('SIGSTOP')
    const waiting: ReturnType<typeof pay>[] = []
    for (let said = ''; said !== '503 upstream_away'; ) {
      const paying = pay()
      waiting.push(paying)
      const first = await Promise.race([paying, systemClock.sleep(1_000).then(() => undefined)])
      said = first?.said ?? ''
    }
    await holds('write-side', 'stands still')
    worker.signal('SIGCONT')
    const [first, ...others] = (await Promise.all(waiting)).map(({ said }) => said)
    assert.equal(first, '201', 'it had been sent')
    for (const said of others) assert.ok(['201', unreachable, '503 upstream_away'].includes(said), said)
    await untilWell()
  })

  test('write-side is gone', async () => {
    await named('write-side').kill()
    await holds('write-side', 'is gone')
    named('write-side').start()
    await untilWell()
  })

  test('Redis stands still, and is gone', async () => {
    redis.pause()
    await holds('Redis', 'stands still')
    redis.resume()
    await untilWell()
    await redis.kill()
    await holds('Redis', 'is gone')
  })
})
