import { type Leg, legsOn, type Truth } from './truth.ts'

/** The first rule that a partition breaks as it stands now. */
export function brokenIn(truth: Truth): { readonly rule: string; readonly detail: string } | undefined {
  const detail = sumOf(truth) ?? unexplained(truth)
  if (detail !== undefined) return { rule: 'a partition is whole', detail }
  for (const [id, { balance, held, due, limitMinor, status }] of truth.accounts) {
    const is = `${id} stands at ${balance}, ${held} held and ${due} due`
    if (held < 0n || due < 0n) return { rule: 'no promise is let go of twice', detail: is }
    if (limitMinor !== undefined && balance - held < -limitMinor && !truth.forced.has(id))
      return { rule: 'no limit is broken', detail: is }
    if (status === 'closed' && (balance !== 0n || held !== 0n || due !== 0n))
      return { rule: 'nothing is on a closed account', detail: is }
  }
  return undefined
}

/** All accounts, with what is on its way to and from other partitions, sum to zero in each currency. */
function sumOf({ accounts, transits }: Truth): string | undefined {
  const sums = new Map<string, bigint>()
  const add = (currency: string, minor: bigint) => sums.set(currency, (sums.get(currency) ?? 0n) + minor)
  for (const { currency, balance } of accounts.values()) add(currency, balance)
  for (const [id, minor] of transits) add(id.slice(-3), minor)
  const over = [...sums].find(([, minor]) => minor !== 0n)
  return over && `its accounts sum to ${over[1]} ${over[0]}`
}

/** What is held and due is what open payments promise, account by account. */
function unexplained({ accounts, begun, parts, partition }: Truth): string | undefined {
  const promised = new Map<string, { held: bigint; due: bigint }>()
  const note = (legs: readonly Leg[]) => {
    for (const { account, amount } of legs) {
      const minor = BigInt(amount)
      const of = promised.get(account) ?? { held: 0n, due: 0n }
      promised.set(account, of)
      if (minor < 0n) of.held -= minor
      else of.due += minor
    }
  }
  for (const { state, legs } of begun.values())
    if (state !== 'completed' && state !== 'failed') note(legsOn(partition, legs))
  for (const { state, legs } of parts.values()) if (state === 'prepared') note(legs)
  for (const [id, { held, due }] of accounts) {
    const of = promised.get(id)
    if (held !== (of?.held ?? 0n) || due !== (of?.due ?? 0n))
      return `${id} has ${held} held and ${due} due, and ${of?.held ?? 0n} and ${of?.due ?? 0n} are promised`
  }
  return undefined
}

const MAX_BALANCE_MINOR = 2n ** 63n - 1n

/** All reasons why legs cannot be promised or posted here now. */
export function reasonsAgainst(legs: readonly Leg[], { accounts }: Truth): ReadonlySet<string> {
  const reasons = new Set<string>()
  const moved = new Map<string, bigint>()
  for (const { account: id, amount, currency } of legs) {
    const account = accounts.get(id)
    if (!account) {
      reasons.add('account_not_found')
      continue
    }
    moved.set(id, (moved.get(id) ?? 0n) + BigInt(amount))
    if (account.currency !== currency) reasons.add('currency_mismatch')
    if (account.status === 'closed') reasons.add('account_closed')
    else if (account.status === 'all' || (account.status === 'outgoing' && amount.startsWith('-')))
      reasons.add('account_frozen')
  }
  for (const [id, minor] of moved) {
    const { balance = 0n, held = 0n, due = 0n, limitMinor } = accounts.get(id) ?? {}
    if (minor < 0n && limitMinor !== undefined && balance - held + minor < -limitMinor)
      reasons.add('insufficient_funds')
    if (minor > 0n && balance + due + minor > MAX_BALANCE_MINOR) reasons.add('balance_overflow')
  }
  return reasons
}
