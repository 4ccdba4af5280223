import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { MakePayment } from '@micropay/schemas/api/payment'
import { createBatchOrder } from './batch-order.ts'

const [ada, ben, cash] = [idOn(0, 2, 'ada'), idOn(1, 2, 'ben'), idOn(1, 2, 'cash')]
const pay = (from: string, to: string) => {
  const data = MakePayment.parse({ postings: [{ from, to, amount: '1', currency: 'EUR' }] })
  return { type: 'MakePayment' as const, data }
}

test('who pays from what comes from another partition waits until that is decided, and nobody else', async () => {
  const order = createBatchOrder({ partitions: 2, isUnlimited: () => false, isDecided: () => true })
  const deposit = Promise.withResolvers<string>()
  order.add(pay(cash, ada), deposit.promise, false)
  assert.equal(order.before(pay(cash, ada)), undefined)
  assert.equal(order.before(pay(ben, ada)), undefined)
  const waits = order.before(pay(ada, ben))
  assert.ok(waits)
  deposit.resolve('posted')
  await waits
  assert.equal(order.before(pay(ada, ben)), undefined)
})

test('inside a partition nobody waits; behind one who waits, others do', () => {
  const order = createBatchOrder({ partitions: 2, isUnlimited: () => false, isDecided: () => true })
  order.add(pay(cash, ben), Promise.resolve(), false)
  assert.equal(order.before(pay(ben, cash)), undefined)
  order.add(pay(ben, cash), new Promise(() => undefined), true)
  assert.ok(order.before(pay(ben, cash)))
  assert.ok(order.before(pay(cash, ada)))
})

test('an account without a limit waits for nothing', () => {
  const order = createBatchOrder({ partitions: 2, isUnlimited: (id) => id === cash, isDecided: () => true })
  order.add(pay(ada, cash), new Promise(() => undefined), false)
  assert.equal(order.before(pay(cash, ada)), undefined)
})

test('who pays from what is not decided is told so, and so is who pays from what that one brings', async () => {
  const isDecided = (outcome: string) => outcome === 'posted'
  const order = createBatchOrder<string>({ partitions: 2, isUnlimited: () => false, isDecided })
  order.add(pay(cash, ada), Promise.resolve('pending'), false)
  assert.deepEqual(await order.before(pay(ada, ben)), ['pending'])
  order.add(pay(ada, ben), Promise.resolve('not tried'), true)
  assert.deepEqual(await order.before(pay(ben, cash)), ['not tried'])
})

test('what is known of an account elsewhere is asked for once, and matters until it is told', async () => {
  const asked: string[] = []
  const known = Promise.withResolvers<boolean>()
  const isUnlimited = (id: string) => {
    asked.push(id)
    return known.promise
  }
  const order = createBatchOrder({ partitions: 2, isUnlimited, isDecided: () => true })
  order.add(pay(ada, cash), new Promise(() => undefined), false)
  const waits = [order.before(pay(cash, ada)), order.before(pay(cash, ada))]
  assert.ok(waits.every((each) => each !== undefined))
  known.resolve(true)
  await Promise.all(waits)
  assert.equal(order.before(pay(cash, ada)), undefined)
  assert.deepEqual(asked, [cash])
})

test('who has a limit there waits on', async () => {
  const order = createBatchOrder<string>({
    partitions: 2,
    isUnlimited: () => Promise.resolve(false),
    isDecided: () => true,
  })
  const earlier = Promise.withResolvers<string>()
  order.add(pay(ada, cash), earlier.promise, false)
  let isOver = false
  const waits = order.before(pay(cash, ada))?.then(() => {
    isOver = true
  })
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  assert.equal(isOver, false)
  earlier.resolve('posted')
  await waits
})
