import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { Session } from '@micropay/schemas/api/token'
import { logoutTokensOf, sendLogout, sessionIn } from '../authenticate/logout-token.fixture.ts'
import { bearer, signIn } from '../gateway-under-test.ts'
import { until } from '../share/shared-memory.contract.ts'
import { account, type Behind, fresh, isNothing, kept, started } from './read-service.fixture.ts'

describe('while a read service is away', { timeout: 60_000 }, () => {
  test('a caller is told what the same caller was told before, and how old that is', async (context) => {
    const { behind, read, tokens, gateway } = await started(context)
    assert.deepEqual(await fresh(await read()), { balance: '100' })
    await fresh(await read(account, tokens.ben))
    behind.balance = '90'
    await fresh(await read())
    behind.reads = 'break off'
    const answer = await read()
    const { headers } = answer
    assert.deepEqual(await kept(answer), { balance: '90' })
    assert.deepEqual(
      ['position', 'cache-control', 'vary'].map((name) => headers.get(name)),
      ['0:7', 'private, no-store', 'Authorization, Cookie'],
    )
    assert.ok(Number(headers.get('age')) >= 3 && Number(headers.get('behind')) >= 1.5, 'it was 1.5 s old when it came')
    assert.deepEqual(await kept(await read(account, tokens.ben)), { balance: '100' })
    for (const path of [`${account}?zone=UTC`, '/v1/accounts/ada:other']) await isNothing(await read(path))
    const machine = await bearer(gateway.issuer.url, 'cli')
    await isNothing(await read(account, machine))
    behind.reads = 'answer'
    await until(async () => (await read()).headers.get('cache-status') === null)
  })

  test('a 503 of its own counts as away, and a refusal takes the place of what was told before', async (context) => {
    const { behind, read } = await started(context)
    await fresh(await read())
    behind.reads = 503
    assert.equal((await read()).headers.get('cache-status'), 'micropay; hit; detail=answered_503')
    for (const refusal of [403, 404]) {
      behind.reads = 'answer'
      await fresh(await read())
      behind.reads = refusal
      assert.equal((await read()).status, refusal)
      behind.reads = 503
      await isNothing(await read())
    }
    behind.reads = 'answer'
    await fresh(await read())
    behind.reads = 429
    assert.equal((await read()).status, 429)
    behind.reads = 503
    await kept(await read())
  })

  test('nobody is told less than At-Least asks', async (context) => {
    const { behind, read, tokens } = await started(context)
    behind.position = '0:7,1:3'
    await fresh(await read())
    behind.reads = 'break off'
    const told = (atLeast: string) => read(account, { ...tokens.ada, 'at-least': atLeast, prefer: 'handling=lenient' })
    for (const reached of ['0:7', '0:7, 1:3', '1:2']) await kept(await told(reached))
    for (const beyond of ['0:8', '0:7,1:4', '2:0', 'nonsense']) await isNothing(await told(beyond))
  })

  test('what staff and auditors look at, files, streams and long answers are not kept', async (context) => {
    const { behind, read, staff, gateway } = await started(context)
    const vera = await bearer(gateway.issuer.url, 'vera')
    const asked = [
      [account, staff],
      ['/v1/audit/accesses', vera],
      ['/v1/payments.csv', undefined],
      ['/v1/account-events', undefined],
      ['/v1/accounts/ada:main/entries', undefined],
    ] as const
    for (const [path, headers] of asked) assert.equal((await read(path, headers)).status, 200, path)
    behind.reads = 'break off'
    for (const [path, headers] of asked) await isNothing(await read(path, headers))
  })

  test('a balance may be told without asking, for a moment, to who says how far it must be', async (context) => {
    let shiftMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + shiftMs }
    const { behind, read, tokens, post } = await started(context, { clock, balanceMs: 60_000 })
    const told = (atLeast: string) => read(account, { ...tokens.ada, 'at-least': atLeast })
    const before = await fresh(await told('0:7'))
    behind.balance = '90'
    const again = await told('0:7')
    assert.deepEqual(
      [again.status, again.headers.get('cache-status'), again.headers.get('stale'), again.headers.get('position')],
      [200, 'micropay; hit', null, '0:7'],
    )
    assert.ok(Number(again.headers.get('age')) >= 2)
    assert.deepEqual(await again.json(), before)
    assert.deepEqual(await fresh(await read(account, { ...tokens.ben, 'at-least': '0:7' })), { balance: '90' })
    assert.deepEqual(await fresh(await told('0:8')), { balance: '90' }, 'more is asked for')
    behind.balance = '80'
    assert.deepEqual(await fresh(await read()), { balance: '80' }, 'nothing is said of how far it must be')
    await post('/v1/accounts/ada:main/freeze')
    await fresh(await told('0:7'))
    behind.position = '0:9'
    await fresh(await told('0:7'))
    assert.equal((await told('0:7')).headers.get('cache-status'), 'micropay; hit')
    shiftMs = 60_000
    await fresh(await told('0:7'))
  })

  test('nothing is kept where nothing is to be', async (context) => {
    const { behind, read } = await started(context, { keptMs: 0 })
    await fresh(await read())
    behind.reads = 'break off'
    await isNothing(await read())
  })

  test('what was kept is over after its time', async (context) => {
    let shiftMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + shiftMs }
    const { behind, read } = await started(context, { clock, keptMs: 60_000 })
    await fresh(await read())
    behind.reads = 503
    shiftMs = 59_000
    await kept(await read())
    shiftMs = 61_000
    await isNothing(await read())
  })
})

describe('a freeze', { timeout: 60_000 }, () => {
  for (const [freezes, becomes] of [
    ['201 0:9', 'shown'],
    ['202 1:4', 'shown'],
    ['201 0:9 70000', 'shown'],
    ['200', 'kept'],
    ['422 0:9', 'kept'],
    ['409', 'in doubt'],
    ['break-off', 'in doubt'],
  ] as const) {
    test(`answered ${freezes}: what was told before is ${becomes === 'kept' ? 'kept' : 'not'}`, async (context) => {
      const { behind, read, post } = await started(context)
      const look = async (reads: Behind['reads']) => {
        behind.reads = reads
        return read()
      }
      const positions = { before: '0:8,1:3', after: '0:9,1:4' }
      behind.position = positions.before
      await fresh(await look('answer'))
      behind.freezes = freezes
      await post(`/v1/accounts/ada:main/freeze`)
      if (becomes === 'kept') return kept(await look(503))
      await isNothing(await look(503))
      // A read model that is not there yet shows the account as it was.
      await fresh(await look('answer'))
      await isNothing(await look(503))
      behind.position = positions.after
      await fresh(await look('answer'))
      if (becomes === 'in doubt') await isNothing(await look(503))
      else await kept(await look(503))
    })
  }

  test('may be what an approval approves, and any other command changes nothing', async (context) => {
    const { behind, read, post } = await started(context)
    await fresh(await read())
    behind.freezes = '201 0:9'
    await post('/v1/accounts')
    behind.reads = 503
    await kept(await read())
    await post('/v1/approvals/approval-0-4/approve')
    await isNothing(await read())
  })
})

describe('a session that ends', { timeout: 60_000 }, () => {
  async function two(context: TestContext) {
    const { behind, gateway } = await started(context)
    const signedIn = async () => {
      const { browser } = await signIn(gateway.url, 'ada')
      const { csrfToken } = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
      return { look: () => browser.go(`${gateway.url}${account}`), browser, csrfToken }
    }
    const [one, other] = [await signedIn(), await signedIn()]
    await fresh(await one.look())
    behind.reads = 503
    await kept(await other.look())
    return { gateway, one, other }
  }

  test('takes what was kept for it along', async (context) => {
    const { gateway, one, other } = await two(context)
    const headers = { 'x-csrf-token': one.csrfToken, origin: gateway.url }
    assert.equal((await one.browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })).status, 200)
    await isNothing(await other.look())
  })

  test('does so where its issuer ends it, too', async (context) => {
    const { gateway, one, other } = await two(context)
    const sign = await logoutTokensOf(gateway)
    const { atIssuer } = await sessionIn(one.browser)
    assert.equal((await sendLogout(gateway.url, await sign(atIssuer?.sid))).status, 200)
    await isNothing(await other.look())
  })
})
