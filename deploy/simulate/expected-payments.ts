import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Asked } from './asked.ts'
import type { Visible } from './expected-accounts.ts'
import { isBrought } from './expected-fold.ts'
import type { ExpectedPeriods } from './expected-periods.ts'

type Payment = Extract<LedgerCommand, { type: 'MakePayment' }>['data']
type Refund = Extract<LedgerCommand, { type: 'RefundPayment' }>['data']
/** What a payment says of one account, in the order in which it says it. */
export type ExpectedLeg = {
  readonly account: string
  readonly amount: string
  readonly currency: string
  readonly pair?: number | undefined
  readonly stands?: string | undefined
}
/** What a payment comes to. */
export type ExpectedPosting = {
  readonly legs: readonly ExpectedLeg[]
  readonly effectiveAt: string | undefined
  readonly reverses?: { readonly paymentId: string; readonly whole: boolean }
  readonly corrects?: string | undefined
}
type Posted = ExpectedPosting & {
  readonly tenant: string
  readonly atMs: number
  /** What came back to each account, or went back from it. */
  readonly back: Map<string, bigint>
}

/** Payments as they stand in the log, by their place, and what may still be given back of each. */
export type ExpectedPayments = {
  postingOf(asked: Asked): ExpectedPosting | string
  outcomeOf(posting: ExpectedPosting, asked: Asked): string
  post(posting: ExpectedPosting, asked: Asked): void
  refused(asked: Asked): void
}

export function createExpectedPayments(visible: (tenant: string) => Visible, periods: ExpectedPeriods) {
  const posted = new Map<string, Posted>()
  const refused = new Map<string, string>()

  function refundOf(data: Refund, { tenant, generation }: Asked): ExpectedPosting | string {
    const { paymentId, amount, legs, effectiveAt } = data
    if (refused.get(paymentId) === tenant) return 'refund_not_possible'
    const payment = posted.get(paymentId)
    if (payment?.tenant !== tenant) return 'payment_not_found'
    const moved = movedBy(payment.legs)
    if (payment.reverses || ![...moved.values()].some(Boolean)) return 'refund_not_possible'
    const isEarlier = effectiveAt !== undefined && periods.isDayBefore(Date.parse(effectiveAt), payment.atMs, tenant)
    if (isEarlier && isBrought('refund_before_payment', generation)) return 'refund_before_payment'
    const left = new Map([...moved].map(([account, minor]) => [account, minor + (payment.back.get(account) ?? 0n)]))
    const open = [...left].filter(([, minor]) => minor !== 0n)
    if (open.length === 0) return 'refund_exceeds_payment'
    if (amount !== undefined && open.length > 2) return 'refund_not_possible'
    const back = legs ?? (amount === undefined ? allLeft(payment, open) : partBetween(open, amount, payment))
    if (back.some(({ account }) => isTooMuch(left.get(account) ?? 0n, movedBy(back).get(account) ?? 0n))) {
      return 'refund_exceeds_payment'
    }
    const behind = movedBy(back)
    const whole = open.every(([account, minor]) => minor + (behind.get(account) ?? 0n) === 0n)
    const corrects = periods.closedPeriodOf(payment.atMs, tenant)
    return { legs: back, effectiveAt, reverses: { paymentId, whole }, corrects }
  }

  return {
    postingOf(asked) {
      const { command } = asked
      if (command.type === 'RefundPayment') return refundOf(command.data, asked)
      if (command.type !== 'MakePayment') throw new RangeError(`${command.type} moves nothing`)
      return { legs: legsAsked(command.data), effectiveAt: command.data.effectiveAt }
    },
    outcomeOf({ legs, effectiveAt }, { tenant, decidedAt }) {
      const sees = visible(tenant)
      const against = againstSides(legs, sees) ?? periods.againstValueDate(effectiveAt, tenant, decidedAt)
      if (against) return against
      const atMs = Date.parse(effectiveAt ?? decidedAt)
      const opensLater = legs.some(({ account }) => {
        const openedOn = sees(account)?.openedOn
        return openedOn !== undefined && atMs < periods.startOf(openedOn, tenant)
      })
      return opensLater ? 'value_date_before_opening' : againstBalances(legs, sees)
    },
    post(posting, { tenant, seq, decidedAt }) {
      const atMs = Date.parse(posting.effectiveAt ?? decidedAt)
      posted.set(`pay-0-${seq}`, { ...posting, tenant, atMs, back: new Map() })
      periods.value(atMs, tenant, seq)
      const back = posting.reverses && posted.get(posting.reverses.paymentId)?.back
      for (const [accountId, minor] of movedBy(posting.legs)) {
        const account = visible(tenant)(accountId)
        if (account) account.balanceMinor += minor
        back?.set(accountId, (back.get(accountId) ?? 0n) + minor)
      }
    },
    refused: ({ seq, tenant }) => void refused.set(`pay-0-${seq}`, tenant),
  } satisfies ExpectedPayments
}

/** A posting is two legs that know each other: the payer's is the first, and what leaves it is below zero. */
function legsAsked({ postings = [], legs = [] }: Payment): ExpectedLeg[] {
  const pairs = postings.flatMap(({ from, to, amount, currency }, index) => [
    { account: from, amount: `-${amount}`, currency, pair: index + 1 },
    { account: to, amount, currency, pair: index + 1 },
  ])
  return [...pairs, ...legs]
}

export function movedBy(legs: readonly ExpectedLeg[]): Map<string, bigint> {
  const moved = new Map<string, bigint>()
  for (const { account, amount } of legs) moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
  return moved
}

/** Of an untouched payment every leg comes back; of another one what is left on each account. */
function allLeft({ legs, back }: Posted, open: readonly (readonly [string, bigint])[]): ExpectedLeg[] {
  const isUntouched = [...back.values()].every((minor) => minor === 0n)
  if (isUntouched) return legs.map((leg) => ({ ...leg, stands: undefined, amount: (-BigInt(leg.amount)).toString() }))
  return open.map(([account, minor]) => ({ account, amount: (-minor).toString(), currency: currencyOf(legs, account) }))
}

function partBetween(open: readonly (readonly [string, bigint])[], amount: string, { legs }: Posted): ExpectedLeg[] {
  return open.map(([account, minor]) => ({
    ...{ account, currency: currencyOf(legs, account) },
    amount: minor > 0n ? `-${amount}` : amount,
  }))
}

const currencyOf = (legs: readonly ExpectedLeg[], account: string) =>
  legs.find((leg) => leg.account === account)?.currency ?? ''

/** Nothing goes further back than to where it was, nor the same way as before. */
function isTooMuch(leftMinor: bigint, byMinor: bigint): boolean {
  return leftMinor >= 0n ? byMinor > 0n || leftMinor + byMinor < 0n : byMinor < 0n || leftMinor + byMinor > 0n
}

function againstSides(legs: readonly ExpectedLeg[], sees: Visible): string | undefined {
  const sides = legs.map(({ account, amount, currency }) => ({ account: sees(account), amount, currency }))
  if (sides.some(({ account }) => account === undefined)) return 'account_not_found'
  if (sides.some(({ account }) => account?.status === 'closed')) return 'account_closed'
  const stops = sides.some(
    ({ account, amount }) => account?.status === 'frozen' && !(account.onlyOutgoing && BigInt(amount) >= 0n),
  )
  if (stops) return 'account_frozen'
  return sides.some(({ account, currency }) => account?.currency !== currency) ? 'currency_mismatch' : undefined
}

function againstBalances(legs: readonly ExpectedLeg[], sees: Visible): string {
  const behind = new Map<string, bigint>()
  let isAsSaid = true
  for (const { account, amount, stands } of legs) {
    const balanceMinor = (behind.get(account) ?? sees(account)?.balanceMinor ?? 0n) + BigInt(amount)
    behind.set(account, balanceMinor)
    isAsSaid &&= stands === undefined || BigInt(stands) === balanceMinor
  }
  for (const [accountId, balanceMinor] of behind) {
    const account = sees(accountId)
    if (account?.lowestMinor === undefined || balanceMinor >= account.balanceMinor) continue
    if (balanceMinor < account.lowestMinor) return 'insufficient_funds'
  }
  return isAsSaid ? 'accepted' : 'assertion_failed'
}
