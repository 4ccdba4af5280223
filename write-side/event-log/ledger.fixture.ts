import type { Commit, Outcome } from '@micropay/schemas/log/commit'
import { LedgerEvent } from '@micropay/schemas/log/event'
import { encodeClaim, encodeCommit, encodeGenesis, encodeHeartbeat } from '@micropay/schemas/log/ledger-record'
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

/**
 * Writes a partition's records as an owner would, for tests: each call answers the next record of a valid chain. Times
 * are literal: the first commit is decided at 2026-03-01T09:00:00.000Z, and each one after it a second later.
 */
export function createLedger(partition = 0, partitions = 1, ledgerId = 'test-ledger'): Ledger {
  const context = { ledgerId, partition }
  let seq = 0
  let epoch = 0
  let previousHash = firstHash(ledgerId, partition)
  const decidedAt = () => new Date(Date.UTC(2026, 2, 1, 9, 0, 0) + (seq - 1) * 1000).toISOString()
  const commit = (command: Commit['command'], outcome: Outcome, events: readonly unknown[], options: CommitOptions) => {
    const value = encodeCommit(context, options.subject ?? 'test', {
      epoch,
      seq,
      previousHash,
      decidedAt: options.decidedAt ?? decidedAt(),
      tenant: options.tenant ?? 'acme',
      actor: { subject: options.actor ?? 'customer:ada', client: 'tests' },
      command,
      idempotencyKey: `key-${seq}`,
      requestHash: 'AAAAAAAAAAAAAAAAAAAAAA',
      outcome,
      events: events.map((event) => LedgerEvent.parse(event)),
    })
    previousHash = nextHash(previousHash, value)
    return { key: 'test', value }
  }
  const accepted = (type: Commit['command']['type'], events: readonly unknown[], options: CommitOptions = {}) => {
    seq += 1
    return commit({ type }, { kind: 'accepted' }, events, options)
  }
  return {
    position: () => ({ partition, seq }),
    genesis: () => {
      const genesis = { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' as const }
      return { key: 'ledger', value: encodeGenesis(context, genesis, '2026-03-01T08:59:00.000Z') }
    },
    claim: () => {
      epoch += 1
      const claim = { epoch, claimId: `claim-of-epoch-${epoch}`, ownerId: 'owner', eventGeneration: 1 }
      return { key: 'ledger', value: encodeClaim(context, { ...claim, claimedAt: '2026-03-01T08:59:30.000Z' }) }
    },
    heartbeat: () => ({ key: 'ledger', value: encodeHeartbeat(context, { epoch, at: '2026-03-01T12:00:00.000Z' }) }),
    ...accountRecords(accepted),
    payee: (kind, data, tenant) => {
      const events = [{ type: `Payee${kind}`, version: 1, data }]
      return accepted(kind === 'Saved' ? 'SavePayee' : 'RemovePayee', events, withoutUndefined({ tenant }))
    },
    pay: (postings, more = {}) => {
      seq += 1
      const { tenant, actor, decidedAt: at, ...details } = more
      const options = withoutUndefined({ tenant, actor, decidedAt: at })
      const common = { paymentId: `pay-${partition}-${seq}`, kind: 'payment', effectiveAt: at ?? decidedAt() }
      const data = { ...common, ...details, postings: postings.map(postingOf) }
      const events = [{ type: 'PaymentPosted', version: 1, data }]
      return commit({ type: 'MakePayment' }, { kind: 'accepted' }, events, options)
    },
    statement: (data) => accepted(...importing(data)),
    refuse: (data, { code = 'insufficient_funds', detail = notEnough, pointer, cause, ...options } = {}) => {
      seq += 1
      const more = { ...(pointer === undefined ? {} : { pointer }), ...(cause === undefined ? {} : { cause }) }
      return commit({ type: 'MakePayment', data }, { kind: 'rejected', code, detail, ...more }, [], options)
    },
  }
}

type Accepted = (type: Commit['command']['type'], events: readonly unknown[], options?: CommitOptions) => NewRecord

function accountRecords(
  accepted: Accepted,
): Pick<Ledger, 'open' | 'freeze' | 'unfreeze' | 'close' | 'change' | 'flag'> {
  const changed = (type: 'Unfrozen' | 'Closed', command: Commit['command']['type'], accountId: string) =>
    accepted(command, [{ type: `Account${type}`, version: 2, data: { accountId } }])
  return {
    open: (accountId, { tenant, name, ownerReference, ...more } = {}) => {
      const data = { ...anAccount, ...more, accountId, ...textsOf({ name, ownerReference }) }
      return accepted('OpenAccount', [{ type: 'AccountOpened', version: 2, data }], withoutUndefined({ tenant }))
    },
    freeze: (accountId, direction = 'all') =>
      accepted('FreezeAccount', [{ type: 'AccountFrozen', version: 2, data: { accountId, direction } }]),
    unfreeze: (accountId) => changed('Unfrozen', 'UnfreezeAccount', accountId),
    close: (accountId) => changed('Closed', 'CloseAccount', accountId),
    change: (accountId, { name, ownerReference, ...more }) => {
      const data = { accountId, ...more, ...textsOf({ name, ownerReference }) }
      return accepted('ChangeAccount', [{ type: 'AccountChanged', version: 1, data }])
    },
    flag: (accountId, value) => {
      const data = { accountId, flag: 'receivesFromCustomers', value }
      return accepted('SetAccountFlag', [{ type: 'AccountFlagSet', version: 1, data }])
    },
  }
}

/** The same log, read so many records at a time. */
export function readInSteps(log: EventLog, maxRecords: number): EventLog {
  return { ...log, read: (partition, from, options) => log.read(partition, from, { ...options, maxRecords }) }
}

const notEnough = 'the account does not hold enough'
const anAccount = { type: 'customer', currency: 'EUR', owner: 'customer:ada', overdraftLimit: '0' }

function postingOf([from, to, amount, currency = 'EUR']: FixturePosting) {
  return { from, to, amount: String(amount), currency }
}

function textsOf(texts: Readonly<Record<string, string | null | undefined>>): object {
  const given = Object.entries(texts).filter(([, text]) => text !== undefined)
  return given.length === 0 ? {} : { personal: { form: 'plain', data: Object.fromEntries(given) } }
}

type Statement = z.input<typeof ImportedStatement> | z.input<typeof StatementImportedV1> | z.input<typeof StatementPart>

function importing(data: Statement): [Commit['command']['type'], unknown[]] {
  if ('of' in data) return ['KeepStatementPart', [{ type: 'StatementPart', version: 1, data }]]
  const whole = 'personal' in data ? data : statementFromV1(StatementImportedV1.parse(data))
  return ['ImportStatement', [{ type: 'StatementImported', version: 2, data: whole }]]
}

/** An optional member is left out, not undefined. */
function withoutUndefined(options: { [Name in keyof CommitOptions]: CommitOptions[Name] | undefined }): CommitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

export type FixturePosting = readonly [from: string, to: string, amount: number | bigint, currency?: string]
type CommitOptions = { subject?: string; tenant?: string; actor?: string; decidedAt?: string }
type OpenOptions = {
  tenant?: string
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
}
type RefuseOptions = CommitOptions & {
  code?: 'insufficient_funds' | 'account_not_found' | 'payee_not_payable'
  detail?: string
  pointer?: string | undefined
  cause?: { code: string; detail: string }
}

export type Ledger = {
  /** Of the last commit. */
  position(): { partition: number; seq: number }
  genesis(): NewRecord
  claim(): NewRecord
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
  pay(postings: readonly FixturePosting[], more?: PayOptions): NewRecord
  refuse(data: Record<string, unknown>, more?: RefuseOptions): NewRecord
}
