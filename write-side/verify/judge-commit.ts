import { isDeepStrictEqual } from 'node:util'
import { PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { type EventOf, isOwnStep, type LedgerEvent } from '@micropay/schemas/log/event'
import { broughtRule, type Generations } from '@micropay/schemas/log/generations'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import { partitionOf } from '@micropay/schemas/placement'
import { type CommandData, decide, type LedgerCommand } from '../decide/decide.ts'
import { eventOf, type LedgerView } from '../decide/ledger.ts'
import { commandIn, proposalBehind } from '../decide/proposal.ts'
import { judgeStep } from './judge-step.ts'

/**
 * Decides a commit that counts once more, against the ledger as it stood before it, and says what is wrong with it;
 * undefined for nothing. An accepted command is made from its events, which say all of it but who may do what: scopes
 * are not in the log and are not judged. `generation` is the newest that a claim had announced by then: commits before
 * the first claim of a generation were decided without the rules that it brought.
 */
export function judgeCommit(
  commit: Commit,
  ledger: LedgerView,
  { partition, partitions = 1, generation, original }: Judged,
  table?: Generations,
): string | undefined {
  if (commit.outcome.kind === 'rejected') {
    return commit.events.length === 0 ? undefined : 'the command was refused, and the commit holds events'
  }
  const { type } = commit.command
  if (isOwnStep(type)) return judgeStep(commit, ledger, { partition, partitions, generation })
  if (isAboutElsewhere(commit, { partition, partitions })) return undefined
  const { tenant, decidedAt } = commit
  const command = commandOf(commit, ledger)
  if (!command) {
    const held = commit.events.map(({ type }) => type).join(', ') || 'no event'
    return `an accepted ${commit.command.type} holds ${held}`
  }
  const paymentId = paymentIdAt(partition, commit.seq)
  const facts = {
    tenant,
    decidedAt,
    paymentId,
    subject: commit.actor.subject,
    mayBook: mayBookIn(commit),
    mayApprove: true,
    generation,
    original,
    partitions,
    isPrompt: () => eventOf(commit.events, 'PaymentInitiated')?.data.settles === true,
    ...outcomeJudged(original),
  }
  const decision = decide(command, ledger, facts)
  if (decision.kind === 'accepted') {
    if (isDeepStrictEqual(asWritten(decision.events), asWritten(commit.events))) return undefined
    return `the ${commit.command.type} does not lead to the events that the commit holds`
  }
  const { code, detail } = decision
  if (broughtRule(code, table) > generation) return undefined
  return `the ${commit.command.type} was accepted, and the rules refuse it as ${code}: ${detail}`
}

/** A payee's account that lives on another partition was looked at there. */
function isAboutElsewhere(
  { events: [event] }: Commit,
  place: { readonly partition: number; readonly partitions: number },
) {
  if (event?.type !== 'PayeeSaved' && event?.type !== 'PayeeChecked') return false
  return partitionOf(event.data.accountId, place.partitions) !== place.partition
}

/**
 * The value date stands in the log as its command had it, and the kind is a name for the types of its accounts. Whom
 * a text is about, earlier versions did not say. A refund is judged by its legs alone: pairs and the name of what is
 * whole follow from them.
 */
function asWritten(events: readonly LedgerEvent[]): object[] {
  const isRefund = events.some((event) => 'reverses' in event.data && event.data.reverses !== undefined)
  return events.map((event) => {
    const { personal, ...said } = { personal: undefined, ...event.data }
    const data = isRefund && 'legs' in said ? { ...said, legs: said.legs.map(({ pair: _, ...leg }) => leg) } : said
    const texts = personal?.data
    if (event.type === 'PaymentInitiated')
      return { ...event, data: { ...data, texts, effectiveAt: '', deadline: '', kind: '' } }
    if (event.type === 'LegsPrepared') return { ...event, data: { ...data, effectiveAt: '' } }
    if (event.type !== 'PaymentPosted') return { ...event, data: { ...data, texts } }
    return { ...event, data: { ...data, texts, effectiveAt: '', kind: '' } }
  })
}

/** That it had come about is judged over all partitions, and whose an account elsewhere is was asked there. */
function outcomeJudged(original: Commit | undefined) {
  if (!original || !eventOf(original.events, 'PaymentInitiated')) return {}
  return { originalOutcome: 'completed' as const, isElsewhereTheirs: true as const }
}

/** `original` is the commit that a refund names. */
export type Judged = {
  readonly partition: number
  readonly partitions?: number
  readonly generation: number
  readonly original?: Commit | undefined
}

/** The payment that a commit gives back, or proposes to. */
export function givenBackBy({ events }: Commit): PaymentId | undefined {
  const event = events.at(-1)
  if (event?.type === 'PaymentPosted') return event.data.reverses?.paymentId
  const begun = eventOf(events, 'PaymentInitiated')
  if (begun) return begun.data.reverses?.paymentId
  if (event?.type !== 'CommandProposed') return undefined
  const { type, data } = commandIn(event)
  return type === 'RefundPayment' ? PaymentId.safeParse(data.paymentId).data : undefined
}

/** What a proposal or a payment across partitions says that its maker was allowed; nothing else in the log says it. */
function mayBookIn({ events }: Commit): boolean {
  const begun = eventOf(events, 'PaymentInitiated')
  if (begun) return begun.data.mayBook
  const [event] = events
  return event?.type !== 'CommandProposed' || event.data.mayBook
}

/** The command that an accepted commit's events tell; undefined where the two do not belong together. */
function commandOf({ command: { type }, events, decidedAt }: Commit, ledger: LedgerView): LedgerCommand | undefined {
  const [event, ...more] = events
  if (event?.type === 'CommandApproved' && type === 'ApproveCommand') {
    const { proposalId } = event.data
    return { type, data: { proposalId, hash: proposalBehind(proposalId, ledger)?.hash ?? '' } }
  }
  if (event?.type === 'PaymentInitiated') {
    if (type === 'RefundPayment') return refundBehind(event, decidedAt)
    return type === 'MakePayment' ? { type, data: paymentAskedFor(event.data) } : undefined
  }
  if (type === 'CancelPayment' && (event?.type === 'PaymentFailed' || event?.type === 'CancelRequested')) {
    return {
      type,
      data: {
        paymentId: event.data.paymentId,
        reason: event.type === 'CancelRequested' ? event.data.personal?.data.reason : undefined,
      },
    }
  }
  if (!event || more.length > 0) return undefined
  if (event.type === 'CommandProposed') {
    const proposed = commandIn(event)
    return proposed.type === type ? (proposed as LedgerCommand) : undefined
  }
  if (event.type === 'PaymentPosted' && type === 'RefundPayment') return refundBehind(event, decidedAt)
  const isOfType = eventTypes[type] === event.type || (type === 'ClosePeriod' && event.type === 'PeriodClosing')
  return isOfType ? commandBehind(event) : undefined
}

function commandBehind(event: LedgerEvent): LedgerCommand | undefined {
  switch (event.type) {
    case 'AccountOpened':
      return { type: 'OpenAccount', data: withTexts(event.data) }
    case 'AccountFrozen':
      return { type: 'FreezeAccount', data: withTexts(event.data) }
    case 'AccountUnfrozen':
      return { type: 'UnfreezeAccount', data: withTexts(event.data) }
    case 'AccountClosed':
      return { type: 'CloseAccount', data: withTexts(event.data) }
    case 'AccountChanged':
      return { type: 'ChangeAccount', data: withTexts(event.data) }
    case 'AccountFlagSet':
      return { type: 'SetAccountFlag', data: event.data }
    case 'PaymentPosted':
      return { type: 'MakePayment', data: paymentAskedFor(event.data) }
    case 'StatementImported':
      return { type: 'ImportStatement', data: event.data }
    case 'StatementPart':
      return { type: 'KeepStatementPart', data: event.data }
    case 'StatementWithdrawn':
      return { type: 'WithdrawStatement', data: { ...event.data, reason: event.data.personal?.data.reason ?? '' } }
    case 'PayeeSaved':
      return { type: 'SavePayee', data: event.data }
    case 'PayeeRemoved':
      return { type: 'RemovePayee', data: event.data }
    case 'PayeeChecked':
      return { type: 'CheckPayee', data: { ...event.data, name: event.data.personal.data.name } }
    case 'LedgerZoneSet':
      return { type: 'SetZone', data: event.data }
    case 'PeriodClosed':
      return { type: 'ClosePeriod', data: event.data }
    case 'PeriodClosing':
      return { type: 'ClosePeriod', data: event.data }
    case 'PeriodCalledOff':
      return { type: 'CallOffPeriod', data: { ...event.data, reason: event.data.personal?.data.reason ?? '' } }
    case 'PeriodReopened':
      return { type: 'ReopenPeriod', data: { ...event.data, reason: event.data.personal?.data.reason ?? '' } }
    case 'PolicySet':
      return { type: 'SetPolicy', data: event.data.rule as CommandData['SetPolicy'] }
    case 'CommandRefused':
      return { type: 'RefuseCommand', data: { ...event.data, reason: event.data.personal?.data.reason ?? '' } }
    case 'CommandProposed':
    case 'CommandApproved':
    case 'PaymentInitiated':
    case 'PaymentCompleted':
    case 'PaymentFailed':
    case 'CancelRequested':
    case 'PaymentEnded':
    case 'LegsPrepared':
    case 'LegsPosted':
    case 'LegsReleased':
    case 'LegsRefused':
    case 'PeriodSealed':
    case 'LegsRecalled':
    case 'LegsWrittenOff':
    case 'PaymentReopened':
    case 'HistoryAccepted':
    case 'HistoryAnswered':
      return undefined
  }
}

/** As a request has it: its texts beside all else. */
function withTexts<Data extends object, Texts extends object>({
  personal,
  ...data
}: Data & { readonly personal?: { readonly data: Texts } | undefined }) {
  return { ...data, ...personal?.data }
}

/** One that counts from when it was decided named no day, which only a day that was named is judged by. */
function refundBehind(
  { data }: EventOf<'PaymentPosted'> | EventOf<'PaymentInitiated'>,
  decidedAt: string,
): LedgerCommand | undefined {
  const { reverses, legs, personal } = data
  if (!reverses) return undefined
  const effectiveAt = data.effectiveAt === decidedAt ? undefined : data.effectiveAt
  const { description: reason = '', metadata } = personal?.data ?? {}
  const said = { reason, ...(metadata === undefined ? {} : { metadata }) }
  return { type: 'RefundPayment', data: { paymentId: reverses.paymentId, legs, effectiveAt, ...said } }
}

function paymentAskedFor({
  legs,
  effectiveAt,
  personal,
}: Pick<EventOf<'PaymentPosted'>['data'], 'legs' | 'effectiveAt' | 'personal'>) {
  const postings = postingsOf(legs)
  return { ...(postings ? { postings } : { legs }), effectiveAt, ...personal?.data }
}

const eventTypes: Readonly<Record<Commit['command']['type'], LedgerEvent['type']>> = {
  OpenAccount: 'AccountOpened',
  FreezeAccount: 'AccountFrozen',
  UnfreezeAccount: 'AccountUnfrozen',
  CloseAccount: 'AccountClosed',
  ChangeAccount: 'AccountChanged',
  SetAccountFlag: 'AccountFlagSet',
  MakePayment: 'PaymentPosted',
  ImportStatement: 'StatementImported',
  KeepStatementPart: 'StatementPart',
  WithdrawStatement: 'StatementWithdrawn',
  SavePayee: 'PayeeSaved',
  RemovePayee: 'PayeeRemoved',
  SetZone: 'LedgerZoneSet',
  ClosePeriod: 'PeriodClosed',
  ReopenPeriod: 'PeriodReopened',
  SetPolicy: 'PolicySet',
  ApproveCommand: 'CommandApproved',
  RefuseCommand: 'CommandRefused',
  RefundPayment: 'PaymentPosted',
  CheckPayee: 'PayeeChecked',
  CancelPayment: 'CancelRequested',
  ExpirePayment: 'CancelRequested',
  StepPayment: 'PaymentEnded',
  TakeFact: 'PolicySet',
  CallOffPeriod: 'PeriodCalledOff',
  StepPeriod: 'PeriodClosed',
  AcceptHistory: 'HistoryAccepted',
  LearnHistory: 'HistoryAnswered',
}
