import { OwnerId, type PaymentId, type PeriodId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { OwnStep } from '@micropay/schemas/log/event'
import { type Generations, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import type { ApprovedInVain } from '@micropay/schemas/log/given'
import { GenerationError, type RecordContext } from '@micropay/schemas/log/ledger-record'
import type { Rejection } from '@micropay/schemas/log/rejection'
import { decide, generationOf } from '../decide/decide.ts'
import { type Decision, type DecisionFacts, eventOf, type LedgerView } from '../decide/ledger.ts'
import { paymentOf } from '../decide/lost-history.ts'
import { sagas } from '../decide/saga.ts'
import { decideStep } from '../decide/step.ts'
import type { Given, Heard, Seals, Stepped } from '../decide/stepped.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { scopedKeyIn } from '../state/partition-state.ts'
import type { CommandRequest, StepRequest } from './command.ts'

export type Untaken = Exclude<Stepped, { kind: 'accepted' }>

/** What an owner knows of other partitions that is not in the log of its own. */
export type KnownOfOthers = {
  readonly heard: (payment: PaymentId) => Heard
  readonly sealed: (period: PeriodId) => Seals
  readonly isPrompt: (partition: number) => boolean
  /** Whether nothing that this partition says is handled now: what it has lost is being made good. */
  readonly isUnheard: (partition: number) => boolean
}

export type Drafting = {
  readonly state: LedgerState
  readonly view: LedgerView
  readonly context: RecordContext
  readonly others: KnownOfOthers
  readonly table: Generations | undefined
}

export function commitOfStep({ step }: StepRequest, { state, view, context, others }: Drafting, link: Link): Made {
  const { generation, ...place } = link
  const { heard, sealed, isUnheard } = others
  if ((step.kind === 'heard' || step.kind === 'told') && isUnheard(step.message.from)) return { kind: 'nothing' }
  const { partition } = context
  const facts = {
    partition,
    seq: link.seq - 1,
    partitions: partitionsIn(state),
    decidedAt: link.decidedAt,
    generation,
    ...{ heard, sealed },
  }
  const stepped = decideStep(step, view, facts)
  if (stepped.kind !== 'accepted') return stepped
  const { events, tenant, actor, causes, low } = stepped
  const commit: Commit = {
    ...place,
    ...{ tenant, actor, command: { type: stepTypes[step.kind] } },
    ...(causes.length === 0 ? {} : { causes: [...causes] }),
    ...(low === undefined ? {} : { low }),
    outcome: { kind: 'accepted' },
    events: [...events],
  }
  return { kind: 'commit', commit, subject: subjectOf(step) }
}

/** As what a step stands in the log. */
export const stepTypes = {
  ...{ heard: 'StepPayment', ended: 'StepPayment', turn: 'StepPayment', expired: 'ExpirePayment' },
  ...{ told: 'TakeFact', closings: 'StepPeriod' },
  ...{ found: 'AcceptHistory', accepting: 'AcceptHistory', learned: 'LearnHistory', answered: 'LearnHistory' },
} as const satisfies Record<Given['kind'], OwnStep>

/** What the record is about. */
function subjectOf(step: Given): string {
  if (step.kind === 'heard') return step.message.payment
  if (step.kind === 'told') return 'ledger'
  if (step.kind === 'closings') return 'periods'
  if (step.kind === 'found') return paymentOf(step.finding)
  if (step.kind === 'learned') return step.told.payment
  if (step.kind === 'expired') return step.payment
  return step.kind === 'ended' ? (step.payments[0] ?? '') : 'history'
}

export function partitionsIn({ fold }: LedgerState): number {
  return fold.genesis?.partitions ?? 1
}

/** `generation`: in which shapes the commit is written. */
export type Link = Pick<Commit, 'epoch' | 'seq' | 'previousHash' | 'decidedAt'> & { readonly generation: number }

export function commitOf(
  request: CommandRequest,
  view: LedgerView,
  { state, context, others }: Drafting,
  { generation, ...link }: Link,
): Commit {
  const { command, tenant, mayBook, mayApprove = false, actor, original } = request
  if (generationOf(command) > generation) throw new GenerationError(generation)
  const paymentId = paymentIdAt(context.partition, link.seq)
  const facts = {
    tenant,
    subject: actor.subject,
    mayBook,
    mayApprove,
    decidedAt: link.decidedAt,
    paymentId,
    generation,
    original: original?.commit,
    ...outcomeOf(original?.commit, view, state),
    partitions: partitionsIn(state),
    isPrompt: others.isPrompt,
    elsewhere: request.elsewhere,
    // A dry run moves nothing.
    confirmation: request.dryRun ? undefined : request.confirmation,
  }
  const decision = decide(command, view, facts)
  const head = headOf(request)
  if (decision.kind === 'accepted') {
    return { ...link, ...head, outcome: { kind: 'accepted' }, events: [...decision.events] }
  }
  const cause = decision.cause === undefined ? {} : { cause: decision.cause }
  const outcome = { kind: 'rejected' as const, ...rejectionOf(decision), ...cause }
  return {
    ...link,
    ...head,
    command: { ...head.command, ...askedFor(request, decision, generation) },
    outcome,
    events: [],
  }
}

/** What a refused command keeps of its request, and of what an approval was for: that is about its maker. */
function askedFor({ command, actor }: CommandRequest, { inVain }: Refused, generation: number) {
  if (generation < PERSONAL_GENERATION) return { data: { ...command.data } }
  const subject = OwnerId.parse((inVain?.maker ?? actor).subject)
  return { personal: { subject, form: 'plain' as const, data: { ...command.data, ...(inVain && keptInVain(inVain)) } } }
}

/**
 * How a payment across partitions stands, by what its key leads to. Where that was dropped since, all that is known is
 * whether it is still open. Nothing of any other payment.
 */
function outcomeOf(original: Commit | undefined, view: LedgerView, state: LedgerState): Partial<DecisionFacts> {
  const begun = original && eventOf(original.events, 'PaymentInitiated')
  const scopedKey = begun && scopedKeyIn(original)
  if (!begun || scopedKey === undefined) return {}
  const entry = state.keyEntry(scopedKey)
  if (!entry || entry.seq !== original.seq) {
    const { state: stands = 'failed' } = view.read(sagas, begun.data.paymentId) ?? {}
    return stands === 'completed' || stands === 'failed' ? {} : { originalOutcome: 'open' }
  }
  if ('open' in entry && entry.open) return { originalOutcome: 'open' }
  if (entry.rejection) return { originalOutcome: 'failed' }
  return { originalOutcome: 'completed', originalKind: 'paymentKind' in entry ? entry.paymentKind : undefined }
}

type Refused = Extract<Decision, { kind: 'rejected' }>

/** A statement fills a record of its own, and nothing lists a refused one. */
function keptInVain({ maker, command: { type, data } }: ApprovedInVain): ApprovedInVain {
  const isLong = type === 'ImportStatement' || type === 'KeepStatementPart'
  return { maker, command: { type, data: isLong ? {} : { ...data } } }
}

function headOf({ tenant, actor, command, idempotencyKey, requestHash }: CommandRequest) {
  return { tenant, actor, command: { type: command.type }, idempotencyKey, requestHash }
}

function rejectionOf({ code, detail, pointer }: Rejection): Rejection {
  return { code, detail, ...(pointer === undefined ? {} : { pointer }) }
}

type Made = { readonly kind: 'commit'; readonly commit: Commit; readonly subject: string } | Untaken
