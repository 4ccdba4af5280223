import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import fc from 'fast-check'
import { accountKey, accounts } from './account.ts'
import { unansweredIn } from './history.ts'
import { NotNowError } from './ledger.ts'
import { factsBehind, factsKnown, HOME } from './ledger-facts.ts'
import { openIn } from './open-payments.ts'
import { emptyLedger } from './overlay.ts'
import { account, partitionsOf } from './partitions.fixture.ts'

const PARTITIONS = 3
const all = [0, 1, 2]
const held = all.flatMap((partition) => [
  account(idOn(partition, PARTITIONS, 'purse'), { balanceMinor: 20n }),
  account(idOn(partition, PARTITIONS, 'other'), { balanceMinor: 20n, owner: 'customer:ben' }),
])
const id = fc.constantFrom(...held.map(({ accountId }) => accountId))
const posting = fc.record({ from: id, to: id, amount: fc.constantFrom('1', '7', '15') })
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ pay: fc.array(posting, { minLength: 1, maxLength: 2 }), isPrompt: fc.boolean() }),
  },
  { weight: 24, arbitrary: fc.record({ deliver: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ drop: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ repeat: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ expire: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ askAgain: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ end: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ people: fc.constantFrom<1 | 2>(1, 2) }) },
  { weight: 2, arbitrary: fc.record({ loses: fc.nat({ max: 2 }), most: fc.nat({ max: 12 }) }) },
)
type Act = (typeof act extends fc.Arbitrary<infer Each> ? Each : never) & object
type Ledger = ReturnType<typeof partitionsOf>

function hear(ledger: Ledger, index: number): void {
  const message = ledger.mail[index]
  const told = ledger.deliver(index)
  assert.notEqual(told, 'parked', `${message?.kind} was honestly said`)
}

function askAgain(ledger: Ledger, partition: number): void {
  const part = ledger.parts[partition]
  part?.askHistory()
  if (partition === HOME) part?.tellFacts(0)
  part?.askAgain(openIn(partition, PARTITIONS, part.ledger))
}

function happens(ledger: Ledger, given: PaymentId[], each: Act): void {
  const at = (index: number) => index % ledger.mail.length
  if ('pay' in each) {
    const postings = each.pay.filter(({ from, to }) => from !== to).map((one) => ({ ...one, currency: 'EUR' }))
    if (postings.length === 0) return
    try {
      const told = ledger.pay({ postings }, { mayBook: true, isPrompt: () => each.isPrompt })
      if (told.startsWith('pay-')) given.push(told as PaymentId)
    } catch (error) {
      assert(error instanceof NotNowError)
    }
  } else if ('expire' in each) {
    const payment = given[each.expire % given.length]
    if (payment) ledger.parts[placeOfId(payment).partition]?.step({ kind: 'expired', payment })
  } else if ('askAgain' in each) askAgain(ledger, each.askAgain)
  else if ('people' in each) setPolicy(ledger, each.people)
  else if ('end' in each) ledger.parts[each.end]?.end()
  else if ('loses' in each) {
    const part = ledger.parts[each.loses]
    part?.lose(Math.max(0, part.log.length - each.most))
  } else if (ledger.mail.length === 0) return
  else if ('deliver' in each) hear(ledger, at(each.deliver))
  else if ('drop' in each) ledger.mail.splice(at(each.drop), 1)
  else if (ledger.mail.length < 60) ledger.mail.push(ledger.mail[at(each.repeat)] as never)
}

/** A fact of the whole ledger, of a command that is not asked for here. */
function setPolicy(ledger: Ledger, people: 1 | 2): void {
  const facts = { mayBook: true, subject: 'operator:olga' }
  ledger.give({ type: 'SetPolicy', data: { command: 'CloseAccount', people } }, facts)
}

function settle(ledger: Ledger): void {
  for (let turn = 0; turn < 12; turn += 1) {
    for (const partition of all) askAgain(ledger, partition)
    for (let turns = 0; ledger.mail.length > 0 || ledger.parts.some((part) => part.end()); turns += 1) {
      assert(turns < 10_000, 'the partitions never stop talking')
      if (ledger.mail.length > 0) hear(ledger, 0)
    }
  }
}

function standsIn(ledger: Ledger): bigint {
  const own = Object.values(ledger.balances())
  for (const balance of own) assert.match(balance, /^-?[0-9]+$/, 'a promise outlives its payment')
  const suspense = ledger.parts.map((part, partition) => {
    const key = accountKey('main', `suspense/${partition}/EUR` as never)
    return part.ledger.read(accounts, key)?.balanceMinor ?? 0n
  })
  return [...own.map(BigInt), ...suspense].reduce((sum, each) => sum + each, 0n)
}

test('whatever is lost, and whenever: all comes to one outcome, and no money is made or lost', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 120 }), (acts) => {
      const ledger = partitionsOf(PARTITIONS, held)
      const given: PaymentId[] = []
      for (const each of acts) happens(ledger, given, each)
      settle(ledger)
      for (const [partition, part] of ledger.parts.entries()) {
        assert.deepEqual(unansweredIn(part.ledger), [])
        assert.deepEqual(openIn(partition, PARTITIONS, part.ledger), [])
        for (const other of all) {
          const [here, there] = [
            part.transit(`transit/${other}/EUR`),
            ledger.parts[other]?.transit(`transit/${partition}/EUR`),
          ]
          assert.equal(BigInt(here ?? 0) + BigInt(there ?? 0), 0n, `transit between ${partition} and ${other}`)
        }
      }
      assert.equal(standsIn(ledger), 120n)
      const home = ledger.parts[HOME]?.ledger ?? emptyLedger
      const newest = factsBehind(0, home).at(-1)?.at.seq ?? 0
      for (const part of ledger.parts.slice(1)) assert.equal(factsKnown(part.ledger), newest)
    }),
    { numRuns: Number(process.env.HISTORY_RUNS ?? 150) },
  )
})
