import assert from 'node:assert/strict'
import { idOn } from '@micropay/event-log/across.fixture'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import fc from 'fast-check'
import { NotNowError } from '../../decide/ledger.ts'
import { openIn } from '../../decide/open-payments.ts'
import { account, partitionsOf } from '../../decide/partitions.fixture.ts'

/** What partitions write that pay each other, as histories to read. */
export const PARTITIONS = 3
const house = (partition: number) =>
  account(idOn(partition, PARTITIONS, 'house'), { type: 'external', overdraftLimit: 'unlimited', owner: 'house' })
/** On each of them one that pays as much as it likes, and one that does not. */
export const held = [0, 1, 2].flatMap((partition) => [
  house(partition),
  account(idOn(partition, PARTITIONS, 'purse'), { balanceMinor: 0n }),
])
const ids = held.map(({ accountId }) => accountId)

/** By partition. */
export type Logs = readonly (readonly Commit[])[]

const payment = fc.record({
  effectiveAt: fc.option(fc.constant('2026-02-27T12:00:00.000Z'), { nil: undefined }),
  postings: fc.array(fc.record({ from: fc.constantFrom(...ids), to: fc.constantFrom(...ids) }), {
    minLength: 1,
    maxLength: 3,
  }),
  isPrompt: fc.boolean(),
})
/** What may happen to them. */
export const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ pay: payment }) },
  { weight: 12, arbitrary: fc.record({ deliver: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ lose: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ repeat: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ expire: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ close: fc.constantFrom('2026-02-26', '2026-02-27', '2026-02-28') }) },
  { weight: 4, arbitrary: fc.record({ goOn: fc.nat(PARTITIONS - 1) }) },
)
/** And what may happen to the log of a partition: its end is lost, and a person accepts that. */
export const ruin = fc.record({
  ruin: fc.record({ partition: fc.nat(PARTITIONS - 1), entries: fc.integer({ min: 1, max: 9 }) }),
})
type Act = (typeof act extends fc.Arbitrary<infer Each> ? Each : never) & object
type Ruin = typeof ruin extends fc.Arbitrary<infer Each> ? Each : never

/** What the partitions write, whatever is lost, late or said twice; whole where all is delivered. */
export function written(acts: readonly Act[], whole: boolean): Logs {
  return played(acts, whole).parts.map(({ log }) => log)
}

/** The same partitions, whose logs may have lost their ends. */
export function played(acts: readonly (Act | Ruin)[], whole: boolean) {
  const ledger = partitionsOf(PARTITIONS, held)
  const given: PaymentId[] = []
  const at = (index: number) => index % ledger.mail.length
  for (const each of acts) {
    if ('ruin' in each) ruinPart(ledger, each)
    else if ('pay' in each) {
      const postings = each.pay.postings.filter(({ from, to }) => from !== to)
      if (postings.length === 0) continue
      const asked = {
        postings: postings.map((one) => ({ ...one, amount: '5', currency: 'EUR' })),
        effectiveAt: each.pay.effectiveAt,
      }
      const told = paid(() => ledger.pay(asked, { mayBook: true, isPrompt: () => each.pay.isPrompt }))
      if (told.startsWith('pay-')) given.push(told as PaymentId)
    } else if ('expire' in each || 'cancel' in each) {
      const payment = given[('expire' in each ? each.expire : each.cancel) % given.length]
      if (!payment) continue
      if ('expire' in each) ledger.parts[Number(payment.split('-')[1])]?.step({ kind: 'expired', payment })
      else paid(() => ledger.give({ type: 'CancelPayment', data: { paymentId: payment } }, { mayBook: true }))
    } else if ('close' in each) closeAsItStands(ledger, each.close)
    else if ('goOn' in each) ledger.parts[each.goOn]?.step({ kind: 'closings' })
    else if (ledger.mail.length === 0) continue
    else if ('deliver' in each) ledger.deliver(at(each.deliver))
    else if ('lose' in each) ledger.mail.splice(at(each.lose), 1)
    else if (ledger.mail.length < 50) ledger.mail.push(ledger.mail[at(each.repeat)] as never)
  }
  for (let turn = 0; whole && turn < 8; turn += 1) {
    ledger.deliverAll()
    endClosings(ledger)
    for (const [index, part] of ledger.parts.entries()) {
      part.askHistory()
      part.askAgain(openIn(index, PARTITIONS, part.ledger))
    }
  }
  ledger.mail.splice(whole ? 0 : ledger.mail.length)
  return ledger
}

function ruinPart({ parts, mail }: ReturnType<typeof partitionsOf>, { ruin }: Ruin): void {
  const part = parts[ruin.partition]
  if (!part || part.log.length === 0) return
  part.lose(Math.max(0, part.log.length - ruin.entries))
  part.askHistory()
  // Some of what it had said is still on its way.
  assert(mail.length < 10_000)
}

/** Whoever may know how payments came out has to say so first. */
function paid(pay: () => string): string {
  try {
    return pay()
  } catch (error) {
    if (error instanceof NotNowError) return 'not now'
    throw error
  }
}

function closeAsItStands(ledger: ReturnType<typeof partitionsOf>, through: string): void {
  const digest = 'd'.repeat(43)
  const seals = ledger.parts.map(({ speaker }, partition) => ({ partition, seq: speaker().seq, digest }))
  ledger.give({ type: 'ClosePeriod', data: { through, seq: seals[0]?.seq ?? 0, digest, seals } }, { mayBook: true })
}

function endClosings(ledger: ReturnType<typeof partitionsOf>): void {
  ledger.parts[0]?.tellFacts(0)
  ledger.deliverAll()
  for (const part of ledger.parts) part.step({ kind: 'closings' })
  ledger.deliverAll()
}
