import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { partitionOf } from '@micropay/schemas/placement'
import { scopedKeyIn } from '@micropay/write-side/state/partition-state'
import { createHistory, type Span } from './lost-spans.ts'
import { PARTITIONS } from './partitions.ts'
import { createPeriods, type Periods } from './periods.ts'

/** Sums in minor units; what is `held` and `due` is never below zero. */
export type Account = {
  readonly currency: string
  /** Undefined where it may go below zero without end. */
  readonly limitMinor: bigint | undefined
  status: 'open' | 'closed' | 'all' | 'outgoing'
  balance: bigint
  held: bigint
  due: bigint
}
export type Leg = { readonly account: string; readonly amount: string; readonly currency: string }

/** A payment as its coordinator has it. */
export type Begun = {
  state: 'preparing' | 'asked' | 'cancelling' | 'completed' | 'failed'
  ended: boolean
  code: string | undefined
  readonly legs: readonly Leg[]
  readonly participants: readonly number[]
  readonly tenant: string
  readonly deadline: string
  readonly effectiveAt: string
  readonly reverses: PaymentId | undefined
  /** The participants whose word ends it: all of them, but for one that was opened again. */
  asks: readonly number[]
  /** By participant, the seq of the newest commit of it that a decision rests on. */
  readonly answers: Map<number, number>
}
/** What a participant has done of it. */
export type Part = { state: 'prepared' | 'posted' | 'refused' | 'written off'; readonly legs: readonly Leg[] }
/** What a key led to. */
export type Keyed = {
  readonly commit: Commit
  readonly began: PaymentId | undefined
  /** The period that it began to close. */
  readonly closes: string | undefined
}

/**
 * One partition as its log has it, by code of its own that forgets nothing: what each account stands at, which payments
 * are open here, and what was done of those of others.
 */
export type Truth = Periods & {
  readonly partition: number
  readonly accounts: ReadonlyMap<string, Account>
  readonly transits: ReadonlyMap<string, bigint>
  readonly begun: ReadonlyMap<PaymentId, Begun>
  readonly parts: ReadonlyMap<PaymentId, Part>
  readonly keys: ReadonlyMap<string, Keyed>
  /** What its resumes gave up; nothing between is there. */
  readonly spans: readonly Span[]
  /** By partition, up to which seq it is known here that what that one lost is gone. */
  readonly accepted: ReadonlyMap<number, number>
  /** Who has yet to say what it knows of what was lost here. */
  readonly unanswered: ReadonlySet<number>
  /** What was posted again has left them below their limits. */
  readonly forced: ReadonlySet<string>
  /** The zone that days are of, as far as it is known here. */
  zone(): string | undefined
  /** All that count, in their order, each with the hash behind it. */
  readonly commits: readonly { readonly commit: Commit; readonly hash: string }[]
  /** The commit at that seq, if one counts there. */
  at(seq: number): { readonly commit: Commit; readonly hash: string } | undefined
  enter(commit: Commit, hash: string): void
  resume(span: Span): void
}

export const isTransit = (account: string) => account.startsWith('transit/')

/** The legs whose accounts live on that partition. */
export function legsOn<Some extends Leg>(partition: number, legs: readonly Some[]): Some[] {
  return legs.filter(({ account }) => !isTransit(account) && partitionOf(account, PARTITIONS) === partition)
}

export function isCoordinator(partition: number, paymentId: PaymentId): boolean {
  return placeOfId(paymentId).partition === partition
}

type Tables = {
  readonly partition: number
  readonly accounts: Map<string, Account>
  readonly transits: Map<string, bigint>
  readonly begun: Map<PaymentId, Begun>
  readonly parts: Map<PaymentId, Part>
  readonly forced: Set<string>
}

/** It holds for the whole ledger: one partition decides it, and the others take it over. */
function zoneIn({ events }: Commit): string | undefined {
  return events.find((event) => event.type === 'LedgerZoneSet')?.data.zone
}

export function createTruth(partition: number): Truth {
  const tables: Tables = {
    ...{ partition, accounts: new Map(), transits: new Map(), begun: new Map(), parts: new Map(), forced: new Set() },
  }
  const history = createHistory(partition)
  const calendar = createPeriods()
  const keys = new Map<string, Keyed>()
  const commits: { commit: Commit; hash: string }[] = []
  const bySeq = new Map<number, { commit: Commit; hash: string }>()
  let zone: string | undefined
  return {
    ...{ ...tables, ...history.known, ...calendar, keys, commits, zone: () => zone },
    at: (seq) => bySeq.get(seq),
    resume: history.resume,
    enter(commit, hash) {
      zone = zoneIn(commit) ?? zone
      for (const event of commit.events) {
        if (event.type.startsWith('Account')) enterAccount(event, tables)
        else if (event.type.startsWith('Legs')) enterLegs(event, tables)
        else enterPayment(event, commit, tables)
        history.enter(event)
        calendar.enter(event)
      }
      for (const id of tables.forced) if (!isBelowLimit(tables.accounts.get(id))) tables.forced.delete(id)
      commits.push({ commit, hash })
      bySeq.set(commit.seq, { commit, hash })
      const key = scopedKeyIn(commit)
      const began = commit.events.find((event) => event.type === 'PaymentInitiated')?.data.paymentId
      const closes = commit.events.find((event) => event.type === 'PeriodClosing')?.data.periodId
      if (key !== undefined) keys.set(key, { commit, began, closes })
    },
  }
}

function enterAccount({ type, data }: LedgerEvent, { accounts }: Tables): void {
  if (type === 'AccountOpened') accounts.set(data.accountId, accountOf(data))
  const statuses = { AccountUnfrozen: 'open', AccountClosed: 'closed' } as const
  const account = 'accountId' in data ? accounts.get(data.accountId) : undefined
  if (!account) return
  if (type === 'AccountFrozen') account.status = data.direction
  if (type === 'AccountUnfrozen' || type === 'AccountClosed') account.status = statuses[type]
}

/** What its coordinator says of a payment, and payments inside the partition. */
function enterPayment({ type, data }: LedgerEvent, { tenant, causes = [] }: Commit, tables: Tables): void {
  const { begun } = tables
  let next = 0
  const answered = (paymentId: PaymentId, count = causes.length) => {
    for (const { partition, seq } of causes.slice(next, next + count)) begun.get(paymentId)?.answers.set(partition, seq)
    next += count
  }
  const decide = (paymentId: PaymentId, state: Begun['state'], ended: boolean, code?: string) =>
    Object.assign(begun.get(paymentId) ?? {}, { state, ended, code })
  if (type === 'PaymentPosted') book(data.legs, 1n, 0n, tables)
  if (type === 'CancelRequested') decide(data.paymentId, 'cancelling', false)
  if (type === 'PaymentCompleted') decide(data.paymentId, 'completed', data.ended)
  if (type === 'PaymentFailed') decide(data.paymentId, 'failed', data.ended, data.rejection.code)
  if (type === 'PaymentCompleted' || type === 'PaymentFailed') answered(data.paymentId)
  if (type === 'PaymentReopened') Object.assign(begun.get(data.paymentId) ?? {}, { ended: false, asks: data.asks })
  for (const each of type === 'PaymentEnded' ? data.paymentIds : []) {
    answered(each, begun.get(each)?.asks.length)
    Object.assign(begun.get(each) ?? {}, { ended: true })
  }
  if (type !== 'PaymentInitiated') return
  const { paymentId, legs, participants, deadline, effectiveAt, settles, reverses } = data
  begun.set(paymentId, {
    ...{ state: settles ? 'asked' : 'preparing', ended: false, code: undefined, legs },
    ...{
      participants,
      tenant,
      deadline,
      effectiveAt,
      reverses: reverses?.paymentId,
      asks: participants,
      answers: new Map(),
    },
  })
}

/** What own legs do, of a payment that is coordinated here or elsewhere. */
function enterLegs({ type, data }: LedgerEvent, tables: Tables): void {
  const { partition, parts } = tables
  const note = (paymentId: PaymentId, part: Part) => {
    if (!isCoordinator(partition, paymentId)) parts.set(paymentId, part)
  }
  if (type === 'LegsPrepared') {
    book(data.legs, 0n, 1n, tables)
    note(data.paymentId, { state: 'prepared', legs: data.legs })
  }
  if (type === 'LegsPosted') {
    const own = legsOn(partition, data.legs)
    book(data.legs, 1n, 0n, tables)
    if (data.promised) book(own, 0n, -1n, tables)
    for (const { account } of data.forced ? own : [])
      if (isBelowLimit(tables.accounts.get(account))) tables.forced.add(account)
    note(data.paymentId, { state: 'posted', legs: own })
  }
  if (type === 'LegsReleased') {
    book(data.legs, 0n, -1n, tables)
    note(data.paymentId, { state: 'refused', legs: data.legs })
  }
  if (type === 'LegsWrittenOff') {
    book(data.legs, 1n, 0n, tables)
    note(data.paymentId, { state: 'written off', legs: [] })
  }
  if (type === 'LegsRefused') note(data.paymentId, { state: 'refused', legs: [] })
}

/** Moves what the legs say, and promises it, or lets go of what was promised. */
function book(legs: readonly Leg[], moves: bigint, promises: bigint, { accounts, transits }: Tables): void {
  for (const { account: id, amount } of legs) {
    const minor = BigInt(amount)
    if (isTransit(id)) transits.set(id, (transits.get(id) ?? 0n) + minor * moves)
    const account = accounts.get(id) ?? suspenseAccount(id)
    if (!account) continue
    accounts.set(id, account)
    account.balance += minor * moves
    if (minor < 0n) account.held -= minor * promises
    else account.due += minor * promises
  }
}

/** Nobody opens it: it begins with what comes to it. */
function suspenseAccount(id: string): Account | undefined {
  const [name, , currency = ''] = id.split('/')
  if (name !== 'suspense') return undefined
  return { currency, limitMinor: undefined, status: 'open', balance: 0n, held: 0n, due: 0n }
}

export function isBelowLimit(account: Account | undefined): boolean {
  const { limitMinor, balance = 0n, held = 0n } = account ?? {}
  return limitMinor !== undefined && balance - held < -limitMinor
}

type Opened = Extract<LedgerEvent, { type: 'AccountOpened' }>['data']

function accountOf({ currency, overdraftLimit }: Opened): Account {
  const limitMinor = overdraftLimit === 'unlimited' ? undefined : BigInt(overdraftLimit)
  return { currency, limitMinor, status: 'open', balance: 0n, held: 0n, due: 0n }
}

/** What callers of a key are told, as far as the log goes: that it is under way, or what became of it for ever. */
export function answerOf(
  truth: Truth,
  { commit, began, closes }: Keyed,
): 'pending' | 'accepted' | { readonly code: string } {
  if (commit.outcome.kind === 'rejected') return { code: commit.outcome.code }
  const closing = closes === undefined ? undefined : truth.periods.get(closes)?.outcome
  if (closing) return closing === 'closing' ? 'pending' : closing === 'closed' ? 'accepted' : closing
  const payment = began && truth.begun.get(began)
  if (!payment || payment.state === 'completed') return 'accepted'
  return payment.state === 'failed' ? { code: payment.code ?? '' } : 'pending'
}
