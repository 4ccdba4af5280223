import { createHash } from 'node:crypto'
import type { Findings } from './findings.ts'
import { type Leg, legsOf, type Paid } from './read-journal.ts'
import type { LogRecord } from './read-log.ts'

/** A commit that counts, and the balances of the accounts that it touched, after it. */
export type Commit = {
  readonly tenant: string
  readonly offset: bigint
  readonly seq: number
  readonly decidedAt: string
  /** Tenant, client, person and the caller's own key. */
  readonly scopedKey: string
  readonly key: string
  readonly outcome: { readonly kind: string; readonly code?: string }
  readonly legs: readonly Leg[]
  readonly paymentId: string | undefined
  /** Of an account that it opened. */
  readonly opened: string | undefined
}

export type Ledger = {
  readonly partition: number
  readonly commits: readonly Commit[]
  readonly bySeq: ReadonlyMap<number, Commit>
  readonly voids: number
  readonly claims: number
  /** The balance of a tenant's account after the commit of that seq. */
  balanceAt(tenant: string, accountId: string, seq: number): bigint
}

type State = {
  seq: number
  hash: Buffer
  epoch: number
  seqAtClaim: number
  readonly claimed: Set<number>
  offset: bigint
  voids: number
  claims: number
}

/** Folds a partition by the rules of docs/log-protocol.md, and re-decides what each commit did to balances. */
export function foldLog(
  records: readonly LogRecord[],
  ledgerId: string,
  partition: number,
  findings: Findings,
): Ledger {
  const state: State = {
    ...{ seq: 0, epoch: 0, seqAtClaim: 0, claimed: new Set(), offset: 0n, voids: 0, claims: 0 },
    hash: createHash('sha256').update(`${ledgerId}\n${partition}`).digest(),
  }
  const commits: Commit[] = []
  const wrong = (what: string) => findings.add('records that do not follow', what)
  for (const { offset, value } of records) {
    if (offset !== state.offset) wrong(`offset ${offset} stands where ${state.offset} is due`)
    state.offset = offset + 1n
    const event = JSON.parse(value.toString('utf8'))
    const { type, data } = event
    if (type === 'micropay.genesis.v1') {
      const isFirst = offset === 0n && data.ledgerId === ledgerId && data.partition === partition
      if (!isFirst) state.voids += 1
    } else if (type === 'micropay.claim.v1') foldClaim(state, data)
    else if (type === 'micropay.resume.v1') foldResume(state, data, value, offset, wrong)
    else if (type === 'micropay.heartbeat.v1') foldHeartbeat(state, data, offset, wrong)
    else if (type === 'micropay.commit.v1') {
      if (counts(state, data, value, offset, wrong)) commits.push(commitOf(offset, data))
    } else if (event.ignorable !== true) wrong(`offset ${offset} is of the unknown type ${type}`)
  }
  return ledgerOf(partition, commits, state, findings)
}

// biome-ignore lint/suspicious/noExplicitAny: what stands in the log has no type here, on purpose
type Data = any

function foldClaim(state: State, { epoch }: Data): void {
  if (epoch <= state.epoch || epoch > state.epoch + 1_000) {
    state.voids += 1
    return
  }
  state.epoch = epoch
  state.claimed.add(epoch)
  state.seqAtClaim = state.seq
  state.claims += 1
}

function foldResume(state: State, data: Data, value: Buffer, offset: bigint, wrong: (what: string) => void): void {
  if (data.epoch <= state.epoch || data.epoch > state.epoch + 1_000) {
    state.voids += 1
    return
  }
  const follows = data.previousSeq === state.seq && data.previousHash === state.hash.toString('base64url')
  if (!follows || data.seq <= state.seq) {
    wrong(`offset ${offset}: a resume that does not follow`)
    return
  }
  state.epoch = data.epoch
  state.claimed.add(data.epoch)
  state.seq = data.seq
  state.seqAtClaim = data.seq
  state.hash = nextHash(state.hash, value)
}

function foldHeartbeat(state: State, { epoch }: Data, offset: bigint, wrong: (what: string) => void): void {
  if (!state.claimed.has(epoch)) wrong(`offset ${offset}: a heartbeat of epoch ${epoch}, which nobody claimed`)
}

function counts(state: State, data: Data, value: Buffer, offset: bigint, wrong: (what: string) => void): boolean {
  const { epoch, seq, previousHash } = data
  if (!state.claimed.has(epoch)) {
    wrong(`offset ${offset}: a commit of epoch ${epoch}, which nobody claimed`)
    return false
  }
  const isNext = epoch === state.epoch && seq === state.seq + 1 && previousHash === state.hash.toString('base64url')
  if (isNext) {
    state.seq = seq
    state.hash = nextHash(state.hash, value)
    return true
  }
  state.voids += 1
  if (epoch < state.epoch) return false
  if (seq <= state.seqAtClaim) wrong(`offset ${offset}: a fork, seq ${seq} of epoch ${epoch}`)
  else if (seq > state.seq) wrong(`offset ${offset}: a broken chain, seq ${seq} behind ${state.seq}`)
  return false
}

function nextHash(hash: Buffer, value: Buffer): Buffer {
  return createHash('sha256').update(hash).update(value).digest()
}

function commitOf(offset: bigint, data: Data): Commit {
  const payment = data.events.find(({ type }: Data) => type === 'PaymentPosted')?.data
  const opened = data.events.find(({ type }: Data) => type === 'AccountOpened')?.data
  return {
    ...{ tenant: data.tenant, offset, seq: data.seq, decidedAt: data.decidedAt, outcome: data.outcome },
    key: data.idempotencyKey,
    scopedKey: [data.tenant, data.actor.client, data.actor.subject, data.idempotencyKey].join('\n'),
    legs: legsIn(payment ?? data.command.personal?.data ?? data.command.data ?? {}),
    paymentId: payment?.paymentId,
    opened: opened === undefined ? undefined : `${opened.accountId} ${opened.overdraftLimit}`,
  }
}

/** In every version of a payment, and of a request for one. */
function legsIn(payment: Paid): Leg[] {
  return legsOf(payment).map(({ account, amount, currency, stands }) => ({ account, amount, currency, stands }))
}

function ledgerOf(partition: number, commits: readonly Commit[], state: State, findings: Findings): Ledger {
  const limits = new Map<string, bigint | undefined>()
  const balances = new Map<string, bigint>()
  const history = new Map<string, { seq: number; balance: bigint }[]>()
  for (const commit of commits) {
    const [accountId, limit] = commit.opened?.split(' ') ?? []
    if (accountId) limits.set(keyOf(commit, accountId), limit === 'unlimited' ? undefined : BigInt(limit ?? 0))
    judgeOutcome(commit, balances, limits, findings)
    if (commit.outcome.kind === 'rejected') continue
    for (const [id, amount] of movedBy(commit)) {
      const balance = (balances.get(id) ?? 0n) + amount
      balances.set(id, balance)
      const steps = history.get(id) ?? []
      steps.push({ seq: commit.seq, balance })
      history.set(id, steps)
    }
  }
  const bySeq = new Map(commits.map((commit) => [commit.seq, commit]))
  const balanceAt = (tenant: string, accountId: string, seq: number) =>
    history.get(keyOf({ tenant }, accountId))?.findLast((step) => step.seq <= seq)?.balance ?? 0n
  return { partition, commits, bySeq, voids: state.voids, claims: state.claims, balanceAt }
}

/** Each tenant has ids of its own: all that is kept of accounts is kept by both. */
function keyOf({ tenant }: Pick<Commit, 'tenant'>, accountId: string): string {
  return `${tenant} ${accountId}`
}

type Balances = ReadonlyMap<string, bigint>

/** Whether it was decided rightly, as far as balances say. */
function judgeOutcome(
  commit: Commit,
  balances: Balances,
  limits: ReadonlyMap<string, bigint | undefined>,
  findings: Findings,
): void {
  const { seq, outcome } = commit
  const moved = movedBy(commit)
  const passes = [...moved].filter(([id, amount]) => {
    const least = limits.get(id)
    return amount < 0n && least !== undefined && (balances.get(id) ?? 0n) + amount < -least
  })
  const unlike = notAsSaid(commit, balances)
  if (outcome.kind === 'rejected') {
    const wrong = (why: string) => findings.add('refusals without a reason', `seq ${seq}: ${why}`)
    if (outcome.code === 'insufficient_funds' && passes.length === 0) wrong('nobody would have passed a limit')
    if (outcome.code === 'assertion_failed' && unlike.length === 0) wrong('every balance is what it was said to be')
    return
  }
  for (const [id] of passes) findings.add('limits passed', `seq ${seq}: ${id} by ${moved.get(id)}`)
  for (const id of unlike) findings.add('assertions passed', `seq ${seq}: ${id}`)
  for (const [currency, sum] of sumsOf(commit)) {
    if (sum !== 0n) findings.add('money from nowhere', `seq ${seq}: ${sum} minor units of ${currency}`)
  }
}

function movedBy(commit: Commit): ReadonlyMap<string, bigint> {
  const moved = new Map<string, bigint>()
  for (const { account, amount } of commit.legs) {
    const id = keyOf(commit, account)
    moved.set(id, (moved.get(id) ?? 0n) + BigInt(amount))
  }
  return moved
}

function sumsOf({ legs }: Commit): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { currency, amount } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return sums
}

/** Accounts that would not stand behind a leg where it says that they do. */
function notAsSaid(commit: Commit, balances: Balances): string[] {
  const behind = new Map<string, bigint>()
  return commit.legs.flatMap(({ account, amount, stands }) => {
    const id = keyOf(commit, account)
    const balance = (behind.get(id) ?? balances.get(id) ?? 0n) + BigInt(amount)
    behind.set(id, balance)
    return stands === undefined || BigInt(stands) === balance ? [] : [id]
  })
}
