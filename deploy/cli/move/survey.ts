import type { EventLog } from '@micropay/event-log/event-log'
import { OpenAccount } from '@micropay/schemas/api/account'
import type { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import { formatPositions, type Position } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { emptyLedger } from '@micropay/write-side/decide/overlay'
import { changeOf } from '@micropay/write-side/state/partition-state'
import { createGovernance, type Governance } from './governance.ts'
import { createKeptLedger, type KeptLedger } from './kept-ledger.ts'
import { type OldAccount, oldAccountIn, openingOf } from './old-account.ts'
import { commitsInOrder, type OldCommit, type OldPart, partsOf } from './old-ledger.ts'
import { createPaymentReader, type OldPayment, type PaymentReader } from './old-payments.ts'
import { faultIn, type Loss, type RequestOptions, requestFor } from './payment-requests.ts'

/** All that is to be moved, as far as it fits into memory: everything but the payments. */
export type Survey = {
  readonly ledgerId: string
  readonly partitions: number
  readonly tenant: string
  readonly positions: readonly Position[]
  readonly accounts: ReadonlyMap<AccountId, OldAccount>
  readonly payments: number
  readonly refunds: number
  /** Payments that were given back: their new ids are needed. */
  readonly givenBack: ReadonlySet<PaymentId>
  /** Accounts whose balance some payment asserts. */
  readonly asserted: ReadonlySet<AccountId>
  readonly governance: Governance
  /** How often something of a payment cannot be said again. */
  readonly losses: ReadonlyMap<Loss, number>
  readonly corrections: number
  readonly underWay: readonly PaymentId[]
  /** What would be refused, before it is asked. */
  readonly faults: readonly string[]
  readonly faultCount: number
}

export type SurveyOptions = {
  readonly log: EventLog
  readonly until: readonly Position[]
  /** Whose ledger it is, where the log is one of several. */
  readonly tenant: string | undefined
  readonly signal: AbortSignal
  readonly nowMs: number
  readonly onProgress: (records: number, of: number) => void
}

const MOST_FAULTS = 20

/**
 * Reads the old log once, folds it with the functions that decide, and finds what would not be taken. Memory grows with
 * accounts, refunds, payees and statements, not with payments.
 */
export async function surveyLedger(options: SurveyOptions): Promise<Survey> {
  const { log, until, signal, onProgress } = options
  const parts = await partsOf(log, until)
  const all = Number(parts.reduce((sum, { end }) => sum + end, 0n))
  const reading = newReading(parts, options)
  for await (const run of commitsInOrder(log, parts, signal)) {
    for (const each of run) take(reading, each)
    onProgress(Number(parts.reduce((sum, { state }) => sum + state.offset, 0n)), all)
  }
  const underWay = reading.payments.underWay()
  if (until.length > 0) await readOn(reading, parts)
  return surveyed(reading, parts, underWay)
}

/** What comes behind may count on earlier days: accounts are opened once, for a later run, too. */
async function readOn(reading: Reading, parts: readonly OldPart[]): Promise<void> {
  const { log, signal, tenant } = reading.options
  const rest = parts.map((part) => ({ ...part, lastSeq: undefined }))
  for await (const run of commitsInOrder(log, rest, signal)) {
    for (const { commit } of run) {
      if (tenant !== undefined && commit.tenant !== tenant) continue
      for (const payment of reading.payments.take(commit)) noteDay(reading, payment)
    }
  }
}

type Opened = { readonly partition: number; readonly openedAt: string; firstMs: number | undefined }

type Reading = {
  readonly options: SurveyOptions
  readonly requests: RequestOptions
  readonly ledgers: readonly KeptLedger[]
  readonly payments: PaymentReader
  readonly governance: Governance
  readonly tenants: Set<string>
  readonly opened: Map<AccountId, Opened>
  readonly givenBack: Set<PaymentId>
  readonly asserted: Set<AccountId>
  readonly losses: Map<Loss, number>
  readonly faults: string[]
  readonly counts: { payments: number; refunds: number; corrections: number; faults: number }
}

function newReading(parts: readonly OldPart[], options: SurveyOptions): Reading {
  return {
    options,
    requests: { keyOf: (what) => what, keepsAssertions: keepsAssertions(parts.length) },
    ledgers: parts.map(createKeptLedger),
    ...{ payments: createPaymentReader(), governance: createGovernance(), tenants: new Set<string>() },
    ...{ opened: new Map<AccountId, Opened>(), givenBack: new Set<PaymentId>(), asserted: new Set<AccountId>() },
    losses: new Map<Loss, number>(),
    ...{ faults: [], counts: { payments: 0, refunds: 0, corrections: 0, faults: 0 } },
  }
}

/** Several partitions have no common order, so that a balance that was asserted may not stand there in between. */
export function keepsAssertions(partitions: number): boolean {
  return partitions === 1
}

function take(reading: Reading, old: OldCommit): void {
  const { ledgers, options, tenants, opened, governance, payments } = reading
  const { partition, hash, commit } = old
  const ledger = ledgers[partition]
  if (!ledger) throw new RangeError('every partition has a ledger')
  ledger.put(changeOf(commit, ledger, { partition, hash }).puts)
  // The facts of the whole ledger, and the steps of payments, are of whoever gave the first command.
  tenants.add(commit.tenant)
  if (options.tenant !== undefined && commit.tenant !== options.tenant) return
  for (const event of commit.events) {
    if (event.type !== 'AccountOpened') continue
    opened.set(event.data.accountId, { partition, openedAt: commit.decidedAt, firstMs: undefined })
  }
  governance.take(old)
  for (const payment of payments.take(commit)) takePayment(reading, payment)
}

function takePayment(reading: Reading, payment: OldPayment): void {
  const { counts, losses, options, givenBack, asserted } = reading
  const countsMs = noteDay(reading, payment)
  for (const { account, stands } of payment.legs) if (stands !== undefined) asserted.add(account)
  counts.payments += 1
  if (payment.reverses) {
    counts.refunds += 1
    givenBack.add(payment.reverses)
  }
  if (payment.corrects) counts.corrections += 1
  const asked = requestFor(payment, reading.requests)
  for (const loss of asked.losses) losses.set(loss, 1 + (losses.get(loss) ?? 0))
  const fault = faultIn(asked.request) ?? (countsMs > options.nowMs ? `counts on ${payment.effectiveAt}` : undefined)
  if (fault !== undefined) tellFault(reading, `${payment.id}: ${fault}`)
}

/** When a payment counts: none does on an account before the day on which that is open. */
function noteDay({ opened }: Reading, { effectiveAt, legs }: OldPayment): number {
  const countsMs = Date.parse(effectiveAt)
  for (const { account } of legs) {
    const known = opened.get(account)
    if (known) known.firstMs = Math.min(countsMs, known.firstMs ?? countsMs)
  }
  return countsMs
}

function tellFault({ counts, faults }: Reading, fault: string): void {
  counts.faults += 1
  if (faults.length < MOST_FAULTS) faults.push(fault)
}

function surveyed(reading: Reading, parts: readonly OldPart[], underWay: Survey['underWay']): Survey {
  const { options, tenants, opened, ledgers, counts, governance, losses, faults, givenBack, asserted } = reading
  const [tenant = options.tenant, ...others] = options.tenant === undefined ? tenants : [options.tenant]
  if (tenant === undefined) throw new InputError('the old ledger is empty: there is nothing to move')
  if (others.length > 0) {
    const named = [tenant, ...others].join(', ')
    throw new InputError(`the old ledger is of several tenants (${named}): name one by --tenant, and move each`)
  }
  const zone = governance.zone() ?? 'UTC'
  const moved = Array.from(opened, ([accountId, { partition, openedAt, firstMs }]) => {
    const account = oldAccountIn(ledgers[partition] ?? emptyLedger, { accountId, tenant, openedAt, firstMs })
    const [issue] = OpenAccount.safeParse(openingOf(account, zone)).error?.issues ?? []
    if (issue) tellFault(reading, `${accountId}: /${issue.path.join('/')} ${issue.message}`)
    return [accountId, account] as const
  })
  return {
    ledgerId: parts.find(({ state }) => state.genesis)?.state.genesis?.ledgerId ?? '',
    ...{ partitions: parts.length, tenant, accounts: new Map(moved), givenBack, asserted, governance, losses, faults },
    positions: parts.map(({ state: { partition, seq } }) => ({ partition, seq })),
    ...{ payments: counts.payments, refunds: counts.refunds, corrections: counts.corrections },
    ...{ underWay, faultCount: counts.faults },
  }
}

/** Where the survey stands, as one text. */
export function positionsText({ positions }: Pick<Survey, 'positions'>): string {
  return formatPositions(positions)
}
