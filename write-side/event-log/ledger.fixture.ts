import { OwnerId } from '@micropay/schemas/identifiers'
import type { Commit, Outcome } from '@micropay/schemas/log/commit'
import { LedgerEvent, type OwnStep } from '@micropay/schemas/log/event'
import { type StoredEvent, upcast } from '@micropay/schemas/log/event-versions'
import { EVENT_GENERATION, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import { encodeClaim, encodeCommit, encodeGenesis, encodeHeartbeat } from '@micropay/schemas/log/ledger-record'
import type { RejectionCode } from '@micropay/schemas/log/rejection'
import {
  type ImportedStatement,
  StatementImportedV1,
  type StatementPart,
  statementFromV1,
} from '@micropay/schemas/log/statement-shapes'
import { PLACEMENT } from '@micropay/schemas/placement'
import type { z } from 'zod'
import type { EventLog, NewRecord } from './event-log.ts'
import { firstHash, nextHash } from './fold.ts'
import { resume } from './ledger-records.fixture.ts'

/**
 * Writes a partition's records as an owner would, for tests: each call answers the next record of a valid chain. Times
 * are literal: the first commit is decided at 2026-03-01T09:00:00.000Z, and each one after it a second later. It
 * writes the newest generation, or an earlier one until a claim raises it.
 */
export function createLedger(
  partition = 0,
  partitions = 1,
  options: { ledgerId?: string; generation?: number } = {},
): Ledger {
  const { ledgerId = 'test-ledger' } = options
  const context = { ledgerId, partition }
  const chain = createChain(context, options.generation ?? EVENT_GENERATION)
  const owners = new Map<string, string>()
  const accepted = (type: Commit['command']['type'], event: StoredEvent, more: CommitOptions = {}) =>
    chain.commit({ type }, { kind: 'accepted' }, () => [event], more)
  const pay = (legs: readonly StoredLeg[], { tenant, actor, decidedAt, ...more }: PayOptions = {}) => {
    const eventsAt = (seq: number, at: string) => {
      const head = { paymentId: `pay-${partition}-${seq}`, kind: 'payment', effectiveAt: at }
      return [paymentOf(head, legs, more, chain.isPersonal() ? owners : undefined)]
    }
    const options = withoutUndefined({ tenant, actor, decidedAt })
    const type = more.reverses ? 'RefundPayment' : 'MakePayment'
    return chain.commit({ type }, { kind: 'accepted' }, eventsAt, options)
  }
  return {
    position: () => ({ partition, seq: chain.seq() }),
    genesis: () => {
      const genesis = { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' as const }
      return { key: 'ledger', value: encodeGenesis(context, genesis, '2026-03-01T08:59:00.000Z') }
    },
    claim: chain.claim,
    resume: chain.resume,
    heartbeat: () => {
      const heartbeat = { epoch: chain.epoch(), at: '2026-03-01T12:00:00.000Z' }
      return { key: 'ledger', value: encodeHeartbeat(context, heartbeat) }
    },
    ...accountRecords(accepted, owners),
    payee: (kind, data, tenant) => {
      const event = { type: `Payee${kind}`, version: 1, data }
      return accepted(kind === 'Saved' ? 'SavePayee' : 'RemovePayee', event, withoutUndefined({ tenant }))
    },
    pay: (postings, more) => pay(postings.flatMap(pairOf), more),
    payLegs: (legs, more) => pay(legs.map(legOf), more),
    statement: (data) => accepted(...importing(data)),
    step: (events, causes, { type = 'StepPayment', ...options } = {}) =>
      chain.commit({ type }, { kind: 'accepted' }, () => events, options, causes),
    decide: (type, events, options = {}) => chain.commit({ type }, { kind: 'accepted' }, () => events, options),
    refuse: (data, { type = 'MakePayment', code, detail, pointer, cause, ...options } = {}) => {
      const subject = OwnerId.parse(options.actor ?? 'customer:ada')
      const asked = chain.isPersonal() ? { personal: { subject, form: 'plain' as const, data } } : { data }
      return chain.commit({ type, ...asked }, refusedFor(code, detail, pointer, cause), () => [], options)
    },
  }
}

type Accepted = (type: Commit['command']['type'], event: StoredEvent, options?: CommitOptions) => NewRecord

/** `owners` learns whose each account is. */
function accountRecords(
  accepted: Accepted,
  owners: Map<string, string>,
): Pick<Ledger, 'open' | 'freeze' | 'unfreeze' | 'close' | 'change' | 'flag'> {
  const changed = (type: 'Unfrozen' | 'Closed', command: Commit['command']['type'], accountId: string) =>
    accepted(command, { type: `Account${type}`, version: 2, data: { accountId } })
  return {
    open: (accountId, { tenant, decidedAt, name, ownerReference, ...more } = {}) => {
      const data = { ...anAccount, ...more, accountId, ...textsOf({ name, ownerReference }) }
      owners.set(accountId, data.owner)
      return accepted(
        'OpenAccount',
        { type: 'AccountOpened', version: 2, data },
        withoutUndefined({ tenant, decidedAt }),
      )
    },
    freeze: (accountId, direction = 'all') =>
      accepted('FreezeAccount', { type: 'AccountFrozen', version: 2, data: { accountId, direction } }),
    unfreeze: (accountId) => changed('Unfrozen', 'UnfreezeAccount', accountId),
    close: (accountId) => changed('Closed', 'CloseAccount', accountId),
    change: (accountId, { name, ownerReference, ...more }) => {
      const data = { accountId, ...more, ...textsOf({ name, ownerReference }) }
      return accepted('ChangeAccount', { type: 'AccountChanged', version: 1, data })
    },
    flag: (accountId, value) => {
      const data = { accountId, flag: 'receivesFromCustomers', value }
      return accepted('SetAccountFlag', { type: 'AccountFlagSet', version: 1, data })
    },
  }
}

/** The chain of a partition's commits, each behind the one before, in the generation of the newest claim. */
function createChain(context: { ledgerId: string; partition: number }, begunIn: number) {
  let [seq, epoch, generation] = [0, 0, begunIn]
  let previousHash = firstHash(context.ledgerId, context.partition)
  return {
    seq: () => seq,
    epoch: () => epoch,
    isPersonal: () => generation >= PERSONAL_GENERATION,
    claim(raised = generation): NewRecord {
      epoch += 1
      generation = raised
      const claim = { epoch, claimId: `claim-of-epoch-${epoch}`, ownerId: 'owner', eventGeneration: generation }
      return { key: 'ledger', value: encodeClaim(context, { ...claim, claimedAt: '2026-03-01T08:59:30.000Z' }) }
    },
    resume(to: number): NewRecord {
      epoch += 1
      const { value } = resume({ epoch, seq, hash: previousHash }, { epoch, seq: to, generation }, context.partition)
      previousHash = nextHash(previousHash, value)
      seq = to
      return { key: '', value }
    },
    commit(
      command: Commit['command'],
      outcome: Outcome,
      eventsAt: (seq: number, decidedAt: string) => readonly StoredEvent[],
      { subject = 'test', tenant = 'acme', actor = 'customer:ada', ...more }: CommitOptions,
      causes?: Commit['causes'],
    ): NewRecord {
      seq += 1
      const { decidedAt = new Date(Date.UTC(2026, 2, 1, 9, 0, 0) + (seq - 1) * 1000).toISOString() } = more
      const decided: Commit = {
        ...{ epoch, seq, previousHash, decidedAt, tenant, actor: { subject: actor, client: 'tests' }, command },
        ...(causes ? { causes } : { idempotencyKey: `key-${seq}`, requestHash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
        outcome,
        events: eventsAt(seq, decidedAt).map((event) => LedgerEvent.parse(upcast(event))),
      }
      const value = encodeCommit(context, subject, decided, generation)
      previousHash = nextHash(previousHash, value)
      return { key: 'test', value }
    },
  }
}

/** The same log, read so many records at a time. */
export function readInSteps(log: EventLog, maxRecords: number): EventLog {
  return { ...log, read: (partition, from, options) => log.read(partition, from, { ...options, maxRecords }) }
}

const anAccount = { type: 'customer', currency: 'EUR', owner: 'customer:ada', overdraftLimit: '0' }

/** Texts are about whoever owns the debited account that sorts first, where owners are known. */
function paymentOf(
  head: object,
  legs: readonly StoredLeg[],
  { reference, description, metadata, ...more }: PayOptions,
  owners: ReadonlyMap<string, string> | undefined,
): StoredEvent {
  const texts = Object.entries({ reference, description, metadata }).filter(([, text]) => text !== undefined)
  const [payer = ''] = legs.flatMap(({ account, amount }) => (amount.startsWith('-') ? account : [])).sort()
  const about = owners ? { subject: owners.get(payer) } : {}
  const personal = { ...about, form: 'plain', data: Object.fromEntries(texts) }
  const data = { ...head, ...more, legs, ...(texts.length === 0 ? {} : { personal }) }
  return { type: 'PaymentPosted', version: 2, data }
}

function refusedFor(
  code: RefuseOptions['code'] = 'insufficient_funds',
  detail = 'the account does not hold enough',
  pointer: string | undefined,
  cause: RefuseOptions['cause'],
): Outcome {
  const more = { ...(pointer === undefined ? {} : { pointer }), ...(cause === undefined ? {} : { cause }) }
  return { kind: 'rejected', code, detail, ...more }
}

/** Amounts are taken as they are: a test may well write what nobody would decide. */
function pairOf([from, to, amount, currency = 'EUR']: FixturePosting, index: number): StoredLeg[] {
  const pair = index + 1
  return [
    { account: from, amount: String(-BigInt(amount)), currency, pair },
    { account: to, amount: String(amount), currency, pair },
  ]
}

function legOf([account, amount, { currency = 'EUR', ...more } = {}]: FixtureLeg): StoredLeg {
  return { account, amount: String(amount), currency, ...more }
}

function textsOf(texts: Readonly<Record<string, string | null | undefined>>): object {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined)
  return given.length === 0 ? {} : { personal: { form: 'plain', data: Object.fromEntries(given) } }
}

type Statement = z.input<typeof ImportedStatement> | z.input<typeof StatementImportedV1> | z.input<typeof StatementPart>

function importing(data: Statement): [Commit['command']['type'], StoredEvent] {
  if ('of' in data) return ['KeepStatementPart', { type: 'StatementPart', version: 1, data }]
  const whole = 'personal' in data ? data : statementFromV1(StatementImportedV1.parse(data))
  return ['ImportStatement', { type: 'StatementImported', version: 2, data: whole }]
}

/** An optional member is left out, not undefined. */
function withoutUndefined(options: { [Name in keyof CommitOptions]: CommitOptions[Name] | undefined }): CommitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

export type FixturePosting = readonly [from: string, to: string, amount: number | bigint, currency?: string]
/** Without a pair, and without an assertion, unless it says so. */
export type FixtureLeg = readonly [
  account: string,
  amount: number | bigint,
  more?: { currency?: string; pair?: number; stands?: string },
]
type StoredLeg = { account: string; amount: string; currency: string; pair?: number; stands?: string }
type CommitOptions = { subject?: string; tenant?: string; actor?: string; decidedAt?: string }
type OpenOptions = {
  tenant?: string
  decidedAt?: string
  type?: 'customer' | 'external' | 'internal'
  currency?: string
  owner?: string
  name?: string
  ownerReference?: string
  path?: string
  openedOn?: string
  overdraftLimit?: string
}
type ChangeOptions = {
  name?: string | null
  ownerReference?: string | null
  path?: string | null
  overdraftLimit?: string
}
type PayOptions = {
  tenant?: string
  actor?: string
  decidedAt?: string
  kind?: 'payment' | 'deposit' | 'withdrawal' | 'transfer'
  effectiveAt?: string
  reference?: string
  description?: string
  metadata?: Record<string, string>
  /** The payment that this one gives back. */
  reverses?: { paymentId: string; whole: boolean }
  corrects?: string
}
type RefuseOptions = CommitOptions & {
  type?: 'MakePayment' | 'RefundPayment' | 'ApproveCommand'
  code?: RejectionCode
  detail?: string
  pointer?: string | undefined
  cause?: { code: string; detail: string }
}

export type Ledger = {
  /** Of the last commit. */
  position(): { partition: number; seq: number }
  genesis(): NewRecord
  /** What comes behind it is written in that generation; in the same as before where it says none. */
  claim(generation?: number): NewRecord
  /** What stood behind the last commit is given up: it goes on from that seq. */
  resume(to: number): NewRecord
  heartbeat(): NewRecord
  open(accountId: string, more?: OpenOptions): NewRecord
  freeze(accountId: string, direction?: 'all' | 'outgoing'): NewRecord
  unfreeze(accountId: string): NewRecord
  close(accountId: string): NewRecord
  change(accountId: string, more: ChangeOptions): NewRecord
  flag(accountId: string, value: boolean): NewRecord
  /** In either version, or a part of one. */
  statement(data: Statement): NewRecord
  payee(
    kind: 'Saved' | 'Removed',
    data: { owner: string; alias: string; accountId: string },
    tenant?: string,
  ): NewRecord
  /** What the owner does of itself, which has no key. */
  step(
    events: readonly StoredEvent[],
    causes: NonNullable<Commit['causes']>,
    options?: CommitOptions & { type?: OwnStep },
  ): NewRecord
  /** Any command, and what it led to. */
  decide(type: Commit['command']['type'], events: readonly StoredEvent[], options?: CommitOptions): NewRecord
  pay(postings: readonly FixturePosting[], more?: PayOptions): NewRecord
  payLegs(legs: readonly FixtureLeg[], more?: PayOptions): NewRecord
  refuse(data: Record<string, unknown>, more?: RefuseOptions): NewRecord
}
