import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
let origin: string

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', owner: 'house', overdraftLimit: 'unlimited' }),
    ledger.open('ada:main'),
    ledger.open('bob:main', { owner: 'customer:bob' }),
  )
  side.project()
  await side.get('/v1/accounts', 'ada', { 'at-least': '0:3', prefer: 'wait=10' })
  origin = await side.app.listen({ port: 0, host: '127.0.0.1' })
})
after(() => side.close())

type Told = { readonly id: string | undefined; readonly account: Account | undefined; readonly text: string }

/** Reads a stream block by block, as a browser would. */
async function listen(who: string, lastEventId?: string) {
  const headers = {
    authorization: `Bearer ${who}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  }
  const request = get(`${origin}/v1/account-events`, { headers })
  const [response]: IncomingMessage[] = await once(request, 'response')
  assert.ok(response)
  response.setEncoding('utf8').on('error', () => undefined)
  const blocks = blocksOf(response)
  return {
    response,
    next: async (): Promise<Told | undefined> => {
      const { value: text, done } = await blocks.next()
      if (done) return undefined
      const data = /^event: account\ndata: (.*)$/m.exec(text)?.[1]
      const account = data === undefined ? undefined : Account.parse(JSON.parse(data))
      return { id: /^id: (.*)$/m.exec(text)?.[1], account, text }
    },
    close: () => request.destroy(),
  }
}

async function* blocksOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of response) {
    rest += String(chunk)
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    yield* blocks
  }
}

async function pay(from: string, to: string, amount: number): Promise<number> {
  await side.append(side.ledger.pay([[from, to, amount]]))
  return side.ledger.position().seq
}

test('a stream begins with how to come back: a retry hint and the position from which it tells', async () => {
  const stream = await listen('ada')
  assert.match(String(stream.response.headers['content-type']), /^text\/event-stream/)
  assert.equal(stream.response.headers['cache-control'], 'private, no-store')
  assert.equal((await stream.next())?.text, 'retry: 2000')
  assert.equal((await stream.next())?.id, '0:3')
  stream.close()
})

test('each viewer is told of the accounts that it may see, and of no others', async () => {
  const [ada, bob, finance, other] = await Promise.all(
    ['ada', 'bob', 'finance', 'other-finance'].map((who) => listen(who)),
  )
  for (const stream of [ada, bob, finance, other]) {
    await stream?.next()
    await stream?.next()
  }
  const seq = await pay('cash', 'ada:main', 500)
  const told = await ada?.next()
  assert.equal(told?.id, `0:${seq}`)
  assert.deepEqual([told?.account?.accountId, told?.account?.balance], ['ada:main', '500'])
  const all = [await finance?.next(), await finance?.next()].map((event) => event?.account?.accountId)
  assert.deepEqual(all.sort(), ['ada:main', 'cash'])
  const later = await pay('cash', 'bob:main', 7)
  const first = await bob?.next()
  assert.deepEqual([first?.id, first?.account?.accountId, first?.account?.balance], [`0:${later}`, 'bob:main', '7'])
  for (const stream of [ada, bob, finance, other]) stream?.close()
})

test('a client that comes back is told what changed since its last event, and nothing is missed', async () => {
  const stream = await listen('ada')
  await stream.next()
  const greeted = await stream.next()
  stream.close()
  const missed = await pay('cash', 'ada:main', 11)
  await side.get('/v1/accounts', 'ada', { 'at-least': `0:${missed}` })
  const again = await listen('ada', greeted?.id)
  await again.next()
  const told = await again.next()
  assert.deepEqual([told?.account?.accountId, told?.account?.position], ['ada:main', `0:${missed}`])
  again.close()

  // A payment changes two accounts at one position: who was cut off between them must get the second, so both come
  // again.
  const same = await listen('finance', `0:${missed}`)
  await same.next()
  const both = [await same.next(), await same.next()].map((event) => event?.account?.accountId)
  assert.deepEqual(both.sort(), ['ada:main', 'cash'])
  same.close()
})

test('a client whose last event the ledger has not is told to read again, and what comes then is resumed', async () => {
  for (const foreign of ['0:999999', '7:1']) {
    const stream = await listen('ada', foreign)
    await stream.next()
    const resync = await stream.next()
    assert.match(resync?.text ?? '', /^event: resync$/m)
    const at = `0:${side.ledger.position().seq}`
    assert.equal(resync?.id, at)
    assert.match(resync?.text ?? '', new RegExp(`^data: {"position":"${at}"}$`, 'm'))
    await stream.next()
    stream.close()
    const missed = await pay('cash', 'ada:main', 3)
    await side.get('/v1/accounts', 'ada', { 'at-least': `0:${missed}` })
    const again = await listen('ada', resync?.id)
    await again.next()
    assert.equal((await again.next())?.account?.position, `0:${missed}`)
    again.close()
  }
})

test('many changes reach a client as the latest state, with ids that never go back', async () => {
  const stream = await listen('ada')
  await stream.next()
  await stream.next()
  let last = 0
  for (let round = 0; round < 300; round += 1) last = await pay('cash', 'ada:main', 1)
  let seen = 0
  let events = 0
  for (;;) {
    const told = await stream.next()
    const seq = Number(told?.id?.split(':')[1])
    assert.ok(seq >= seen, `${seq} after ${seen}`)
    seen = seq
    events += 1
    if (told?.account?.position === `0:${last}`) break
  }
  assert.ok(events < 300, `${events} events for 300 changes`)
  stream.close()
})

test('a stream ends when its token does', async () => {
  const stream = await listen('ada-expiring')
  await stream.next()
  await stream.next()
  assert.equal(await stream.next(), undefined)
  assert.equal(stream.response.complete, true)
})
