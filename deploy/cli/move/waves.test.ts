import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import fc from 'fast-check'
import { type Move, nextWave, wavesOf } from './waves.ts'

const limits = { payments: 100, bytes: 1_000 }
let seq = 0

function move(ordered: string[], more: Partial<Move> = {}): Move {
  seq += 1
  const body = { idempotencyKey: `k${seq}`, postings: [] }
  return { id: paymentIdAt(0, seq), request: { kind: 'payment', body }, ordered, place: undefined, bytes: 1, ...more }
}

function refundOf({ id }: Move, ordered: string[]): Move {
  return move(ordered, { request: { kind: 'refund', of: id, body: { idempotencyKey: `k${seq}`, reason: 'x' } } })
}

test('payments of different accounts go together, those of one account one after the other', () => {
  const [first, second, third, fourth] = [move(['ada']), move(['ben']), move(['ada', 'eve']), move(['zoe'])]
  const { wave, rest } = nextWave([first, second, third, fourth], limits)
  assert.deepEqual(wave, [first, second, fourth])
  assert.deepEqual(rest, [third])
})

test('nothing overtakes what waits for the same account', () => {
  const [first, second, third] = [move(['ada']), move(['ada', 'ben']), move(['ben'])]
  assert.deepEqual(nextWave([first, second, third], limits).wave, [first])
})

test('payments whose accounts all live in one place go together, in their order', () => {
  const here = { place: 'a' }
  const [first, second, third] = [move(['1', '2'], here), move(['2', '1'], here), move(['1', 'x'])]
  assert.deepEqual(nextWave([first, second, third], limits).wave, [first, second])
})

test('a refund goes once its payment is booked, though they have no account in order', () => {
  const payment = move([])
  const [refund, other] = [refundOf(payment, []), move([])]
  assert.deepEqual(nextWave([payment, refund, other], limits), { wave: [payment, other], rest: [refund] })
})

test('a wave holds no more than its limits, and one payment at least', () => {
  const [large, small] = [move([], { bytes: 2_000 }), move([])]
  assert.deepEqual(nextWave([large, small], limits), { wave: [large], rest: [small] })
  assert.equal(nextWave([small, small, small], { ...limits, payments: 2 }).wave.length, 2)
})

const accounts = ['ada', 'ben', 'eve', 'zoe']
const account = fc.constantFrom(...accounts)
const drawn = fc.record({ ordered: fc.uniqueArray(account, { maxLength: 3 }), place: fc.constantFrom('a', undefined) })

test('whatever comes, all of it goes once, and in order on each account', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), async (all, lookAhead) => {
      const moves = all.map(({ ordered, place }) => move(ordered, { place }))
      const sent: Move[] = []
      for await (const wave of wavesOf(given(moves), { payments: 5, bytes: 100 }, lookAhead)) {
        sent.push(...wave)
        for (const id of accounts) {
          const places = wave.filter(({ ordered }) => ordered.includes(id)).map(({ place }) => place)
          const isOrdered = places.length < 2 || places.every((place) => place !== undefined && place === places[0])
          assert.ok(isOrdered, 'what goes together on one account is decided in one place')
        }
      }
      assert.equal(sent.length, moves.length)
      for (const id of accounts) {
        const of = (list: readonly Move[]) => list.filter(({ ordered }) => ordered.includes(id))
        assert.deepEqual(of(sent), of(moves))
      }
    }),
  )
})

async function* given(moves: readonly Move[]) {
  yield* moves
}
