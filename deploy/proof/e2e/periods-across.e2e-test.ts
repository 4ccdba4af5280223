import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { PeriodDecided } from '@micropay/schemas/api/period'
import { Problem } from '@micropay/schemas/api/problem'
import { partitionOf } from '@micropay/schemas/placement'
import { z } from 'zod'
import { type Product, startProduct } from './product.fixture.ts'

const partitions = 4
const june = '2025-06-15T12:00:00Z'
const through = '2025-06-30'
/** An account on each partition. */
const accounts = Array.from({ length: partitions }, (_, partition) => {
  const names = Array.from({ length: 100 }, (__, index) => `period:${index}`)
  return names.find((name) => partitionOf(name, partitions) === partition) ?? ''
})
const Checklist = z.looseObject({ seq: z.int(), digest: z.string(), seals: z.array(z.looseObject({})).optional() })

let product: Product
before(async () => {
  product = await startProduct({ partitions })
})
after(() => product?.[Symbol.asyncDispose]())

async function read(persona: string, path: string) {
  const answer = await product.as(persona).send({ method: 'GET', path, headers: {} })
  assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
function post(persona: string, path: string, key: string, body: object, headers: Record<string, string> = {}) {
  const sent = { 'idempotency-key': key, ...headers }
  return product.as(persona).send({ method: 'POST', path, headers: sent, body: JSON.stringify(body) })
}
const book = (key: string, from: string, to: string, effectiveAt?: string) =>
  post(
    'olga',
    '/v1/payments',
    key,
    { postings: [{ from, to, amount: '5', currency: 'EUR' }], ...(effectiveAt ? { effectiveAt } : {}) },
    { prefer: 'wait=30' },
  )

test('finance closes a month of which each partition has payments, and none books into it any more', {
  timeout: 200_000,
}, async () => {
  for (const accountId of accounts) {
    const account = { accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR', overdraftLimit: '1000' }
    const opened = await post('olga', '/v1/accounts', `open-${accountId}`, { ...account, openedOn: '2025-01-01' })
    assert.equal(opened.status, 201, JSON.stringify(opened.body))
  }
  for (const [partition, from] of accounts.entries()) {
    const booked = await book(`june-${partition}`, from, accounts[(partition + 1) % partitions] ?? '', june)
    assert.equal(booked.status, 201, JSON.stringify(booked.body))
  }
  const closing = await closed()
  assert.equal(closing.seals?.length, partitions)

  for (const [partition, from] of accounts.entries()) {
    const to = accounts[(partition + 1) % partitions] ?? ''
    const late = Problem.parse((await book(`late-${partition}`, from, to, june)).body)
    assert.equal(late.code, 'period_closed', late.detail)
    assert.match(late.detail, /2025-07-01/)
    assert.equal((await book(`today-${partition}`, from, to)).status, 201)
  }
  const checked = z.looseObject({ agrees: z.boolean() }).parse(await read('fiona', `/v1/periods/${closing.periodId}`))
  assert.ok(checked.agrees, 'what counts today is in no figure that was sealed')
  const verified = await product.micropay('verify').ended
  assert.equal(verified.code, 0, verified.output)
})

/** Reads the checklist and closes by it, again while payments have come since or are not read everywhere yet. */
async function closed() {
  for (let tries = 0; ; tries += 1) {
    const { seq, digest, seals } = Checklist.parse(await read('fiona', `/v1/periods/checklist?through=${through}`))
    const seen = seals?.map(({ partition, seq: at, digest: of }) => ({ partition, seq: at, digest: of }))
    const answer = await post('fiona', '/v1/periods', `close-${tries}`, { through, seq, digest, seals: seen })
    if (answer.status < 300) {
      const { periodId } = PeriodDecided.parse(answer.body)
      const status = await endOf(periodId ?? '')
      if (status === 'closed') return { periodId, seals }
    }
    assert.ok(tries < 20, `the month is not closed: ${JSON.stringify(answer.body)}`)
    await systemClock.sleep(500)
  }
}

async function endOf(periodId: string): Promise<string> {
  const List = z.looseObject({ items: z.array(z.looseObject({ periodId: z.string(), status: z.string() })) })
  for (let tries = 0; tries < 300; tries += 1) {
    const { items } = List.parse(await read('fiona', '/v1/periods'))
    const status = items.find((item) => item.periodId === periodId)?.status
    if (status !== undefined && status !== 'closing') return status
    await systemClock.sleep(100)
  }
  return 'closing'
}
