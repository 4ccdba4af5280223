import type { LegsRequest, RequestedLeg } from '../../../data/payments/make-payment.ts'
import { readBalance, readLimit } from '../../../money/read-amount.ts'
import { type Sides, sidesOf } from '../../../money/totals.ts'

/** A leg as it stands in the form: what was typed, in major units; only one of `out` and `in` is filled in. */
export type LegDraft = {
  /** Its own for as long as the form lives. */
  readonly key: number
  readonly account: string
  readonly out: string
  readonly in: string
  readonly stands: string
}

export type JournalDraft = {
  readonly legs: readonly LegDraft[]
  readonly reference: string
  readonly description: string
}

export const MOST_LEGS = 200

export function emptyLeg(key: number): LegDraft {
  return { key, account: '', out: '', in: '', stands: '' }
}

/** What is known of a typed account: its currency, that it is still looked up, or that there is none. */
export type Looked = { readonly currency: string } | 'looking' | 'unknown'

export type LegErrors = { readonly [Field in 'account' | 'out' | 'in' | 'stands']?: string | undefined }

export type JournalRead = {
  /** For each leg what is wrong with it. */
  readonly errors: readonly LegErrors[]
  /** What the legs that can be read add up to, in each currency. */
  readonly sides: readonly Sides[]
  /** There once nothing is wrong and every currency is balanced. */
  readonly request: LegsRequest | undefined
}

/** What the draft asks for, what is missing at which leg, and how far it is balanced. */
export function readJournal(draft: JournalDraft, look: (accountId: string) => Looked, locale?: string): JournalRead {
  const read = draft.legs.map((leg) => readLeg(leg, look, locale))
  const sides = sidesOf(read.flatMap(({ moved }) => moved ?? []))
  const legs = read.flatMap(({ leg }) => leg ?? [])
  const isWhole = legs.length === draft.legs.length && sides.every(isBalanced)
  const [reference, description] = [draft.reference.trim(), draft.description.trim()]
  return {
    errors: read.map(({ errors }) => errors),
    sides,
    request: isWhole
      ? { legs, ...(reference ? { reference } : {}), ...(description ? { description } : {}) }
      : undefined,
  }
}

export function isBalanced({ outMinor, inMinor }: Sides): boolean {
  return outMinor === inMinor
}

type LegRead = {
  readonly errors: LegErrors
  readonly moved?: Pick<RequestedLeg, 'amount' | 'currency'> | undefined
  readonly leg?: RequestedLeg | undefined
}

function readLeg(draft: LegDraft, look: (accountId: string) => Looked, locale: string | undefined): LegRead {
  const account = draft.account.trim()
  const [out, into] = [draft.out.trim(), draft.in.trim()]
  const sides: LegErrors = {
    ...(out === '' && into === '' ? { out: 'Type an amount on one side; 0 moves nothing.' } : {}),
    ...(out !== '' && into !== '' ? { in: 'Leave one side empty.' } : {}),
  }
  if (account === '') return { errors: { account: 'Say which account.', ...sides } }
  const looked = look(account)
  if (looked === 'looking') return { errors: { account: 'It is still looked up: try again in a moment.', ...sides } }
  if (looked === 'unknown') return { errors: { account: `There is no account ${account}.`, ...sides } }
  const { currency } = looked
  const amount = readLimit(out || into, currency, locale)
  const stands = readBalance(draft.stands, currency, locale)
  const errors: LegErrors = {
    ...(amount.kind === 'wrong' ? { [out ? 'out' : 'in']: amount.why } : {}),
    ...sides,
    ...(stands.kind === 'wrong' ? { stands: stands.why } : {}),
  }
  if (amount.kind !== 'amount' || (out !== '' && into !== '')) return { errors }
  const moved = { amount: (out ? -amount.minor : amount.minor).toString(), currency }
  if (Object.keys(errors).length > 0) return { errors, moved }
  return {
    ...{ errors, moved },
    leg: { account, ...moved, ...(stands.kind === 'amount' ? { stands: stands.minor.toString() } : {}) },
  }
}
