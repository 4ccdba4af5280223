import assert from 'node:assert/strict'
import type { ProposalDecided } from '@micropay/schemas/api/approval'
import { type AccountId, type PaymentId, type Place, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { type CommandType, isOwnStep, type LedgerEvent, type OwnStep } from '@micropay/schemas/log/event'
import { broughtCommand, EVENT_GENERATION, versionIn } from '@micropay/schemas/log/generations'
import { partitionOf } from '@micropay/schemas/placement'
import type { Position } from '@micropay/schemas/position'
import { checkConfirmed } from './confirmation.ts'
import {
  type CommandRule,
  type CommitFacts,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type LedgerView,
} from './ledger.ts'
import { HOME } from './ledger-facts.ts'
import { commands } from './nouns.ts'
import {
  type Approving,
  approvable,
  keptOfProposal,
  type ProposalKept,
  proposalAnswer,
  proposalBehind,
  proposedInstead,
} from './proposal.ts'
import { paidElsewhere } from './refund.ts'

type Table = typeof commands
/** All but the approval of another one. */
type OwnType = keyof Table
type GivenType = Exclude<CommandType, OwnStep>
type DataOf<Rule> = Rule extends { decide(data: infer Data, ...rest: never[]): unknown } ? Data : never
type KeptBy<Rule> = Rule extends { keep(...args: never[]): infer Kept } ? Exclude<Kept, undefined> : never

/** What each command says. */
export type CommandData = { readonly [Type in OwnType]: DataOf<Table[Type]> } & { readonly ApproveCommand: Approving }
type OwnKept = { readonly [Type in OwnType]: KeptBy<Table[Type]> }[OwnType]
/** What the key of some command keeps for its answer; of an approval also the command that was approved. */
export type Kept = OwnKept | ProposalKept | { readonly approved: LedgerCommand }
type OwnAnswer = ReturnType<Table[OwnType]['answer']>
export type CommandAnswer = OwnAnswer | ProposalDecided

/** Mapped and indexed, so that a command and its rule are known to be of one type. */
export type CommandOf<Type extends GivenType = GivenType> = {
  readonly [Each in Type]: { readonly type: Each; readonly data: CommandData[Each] }
}[Type]
export type LedgerCommand = CommandOf

const rules: { readonly [Type in OwnType]: CommandRule<CommandData[Type], OwnKept, OwnAnswer> } = commands

function ruleOf<Type extends OwnType>(command: CommandOf<Type>) {
  return rules[command.type]
}

/**
 * One command against the ledger as it stands: the events that it leads to, a proposal where a policy asks for a second
 * person, or the first reason against it. Throws NotConfirmedError where its payer has to confirm it first. Pure.
 */
export function decide(command: LedgerCommand, ledger: LedgerView, facts: DecisionFacts): Decision {
  if (command.type === 'ApproveCommand') return decideApproval(command.data, ledger, facts)
  const decision = decideOwn(command, ledger, facts)
  if (decision.kind === 'rejected' || command.type === 'RefuseCommand') return decision
  checkConfirmed(decision.events, ledger, facts)
  return proposedInstead(command, decision.events, ledger, facts) ?? decision
}

function decideOwn<Type extends OwnType>(command: CommandOf<Type>, ledger: LedgerView, facts: DecisionFacts): Decision {
  return ruleOf(command).decide(command.data, ledger, facts)
}

/**
 * The approver's commit holds the events of the command itself, decided now as its maker's; where they are refused, so
 * is the approval, and the proposal stays open. Either says whose command it was, from the generation on that has words
 * for it.
 */
function decideApproval(data: Approving, ledger: LedgerView, facts: DecisionFacts): Decision {
  const proposal = approvable(data, ledger, facts)
  if ('kind' in proposal) return proposal
  const { maker, mayBook, type, data: asked } = proposal
  // Its data is what a schema of the API let in before it was proposed.
  const command = { type, data: asked } as CommandOf<OwnType>
  const decision = decideOwn(command, ledger, { ...facts, subject: maker.subject, mayBook })
  const isTold = (versionIn(facts.generation, 'CommandApproved') ?? 1) > 1
  if (decision.kind === 'rejected') return isTold ? { ...decision, inVain: { maker, command } } : decision
  const approved: LedgerEvent = {
    ...{ type: 'CommandApproved', version: 2 },
    data: { proposalId: data.proposalId, ...(isTold ? { maker } : {}) },
  }
  return { kind: 'accepted', events: [approved, ...decision.events] }
}

/** The payment that a command is about which only the log knows: the owner looks for it before it decides. */
export function originalOf(command: LedgerCommand, ledger: LedgerView): PaymentId | undefined {
  if (command.type === 'RefundPayment') return command.data.paymentId
  if (command.type !== 'ApproveCommand') return undefined
  const proposal = proposalBehind(command.data.proposalId, ledger)
  if (proposal?.type !== 'RefundPayment') return undefined
  return (proposal.data as CommandData['RefundPayment'] | undefined)?.paymentId
}

/**
 * The account on another partition whose owner alone may do what a command says: nothing is decided before it is told
 * whose it is. Staff may do it whoever that is.
 */
export function ownerNeededOf(
  command: LedgerCommand,
  ledger: LedgerView,
  facts: Pick<DecisionFacts, 'tenant' | 'paymentId' | 'partitions' | 'mayBook' | 'original'>,
): AccountId | undefined {
  if (!facts.original || originalOf(command, ledger) === undefined) return undefined
  const mayBook =
    command.type === 'ApproveCommand' ? proposalBehind(command.data.proposalId, ledger)?.mayBook : facts.mayBook
  return mayBook ? undefined : paidElsewhere(facts.original, facts)
}

/**
 * The partition that decides a command: of a refund, and of what becomes of a proposal, the one that its id names. One
 * that is not there is unknown to all of them alike.
 */
export function partitionFor(command: LedgerCommand, partitions: number): number {
  if (isOfLedger(command.type)) return HOME
  const named = placeNamed(command)
  if (!named) return partitionOf(placeOf(command), partitions)
  return named.partition < partitions ? named.partition : 0
}

/** The account that a command is about without being decided where that lives: whoever decides it has to be told. */
export function elsewhereOf(command: LedgerCommand, partitions: number): AccountId | undefined {
  if (command.type !== 'SavePayee' && command.type !== 'CheckPayee') return undefined
  const { accountId } = command.data
  return partitionOf(accountId, partitions) === partitionFor(command, partitions) ? undefined : accountId
}

/** What holds for the whole ledger, wherever accounts lie. */
function isOfLedger(type: LedgerCommand['type']): boolean {
  return (
    type === 'SetPolicy' ||
    type === 'SetZone' ||
    type === 'ClosePeriod' ||
    type === 'ReopenPeriod' ||
    type === 'CallOffPeriod'
  )
}

function placeNamed({ type, data }: LedgerCommand): Place | undefined {
  if (type === 'RefundPayment') return placeOfId(data.paymentId)
  if (type === 'CancelPayment') return placeOfId(data.paymentId)
  return type === 'ApproveCommand' || type === 'RefuseCommand' ? placeOfId(data.proposalId) : undefined
}

/** What a command is about, in a generation: its commit's key, and what its partition is chosen by. */
export function placeOf(command: LedgerCommand, generation = EVENT_GENERATION): string {
  return command.type === 'ApproveCommand' ? command.data.proposalId : placeOfOwn(command, generation)
}

function placeOfOwn<Type extends OwnType>(command: CommandOf<Type>, generation: number): string {
  return ruleOf(command).place(command.data, generation)
}

/** The generation that a ledger has to be written in for this to be decided: an earlier one has no words for it. */
export function generationOf(command: LedgerCommand): number {
  return Math.max(broughtCommand(command.type), command.type === 'ApproveCommand' ? 1 : needsOf(command))
}

function needsOf<Type extends OwnType>(command: CommandOf<Type>): number {
  return ruleOf(command).needs?.(command.data) ?? 1
}

type Keeping = CommitFacts & Pick<Commit, 'command' | 'events'>

/**
 * What an accepted command's key keeps for its answer, from the events and the state before and after them: a replayed
 * log gives the same.
 */
export function keptOf(commit: Keeping, before: LedgerView, after: LedgerView): Kept | undefined {
  const { events } = commit
  const { type } = commit.command
  const proposed = eventOf(events, 'CommandProposed')
  if (proposed) return keptOfProposal(proposed.data.proposalId, after)
  if (isOwnStep(type)) return undefined
  if (type !== 'ApproveCommand') return rules[type].keep?.(events, after, commit)
  const approved = eventOf(events, 'CommandApproved')
  if (!approved) return undefined
  const { proposalId } = approved.data
  const proposal = proposalBehind(proposalId, before)
  assert(proposal, `${proposalId} was never proposed`)
  const command = { type: proposal.type, data: proposal.data } as CommandOf<OwnType>
  return {
    ...rules[command.type].keep?.(events, after, commit),
    ...keptOfProposal(proposalId, after),
    approved: command,
  }
}

/** The answer to an accepted command, from the request (the same by its hash) and what its key keeps. */
export function answerTo(
  command: LedgerCommand,
  decided: Decided & Partial<ProposalKept> & { readonly approved?: LedgerCommand } & object,
  position: Position | undefined,
): CommandAnswer {
  const { proposal, approved, decidedAt } = decided
  if (proposal === undefined && command.type !== 'ApproveCommand') return answerToOwn(command, decided, position)
  const result = approved && approved.type !== 'ApproveCommand' ? answerToOwn(approved, decided, position) : undefined
  return proposalAnswer(proposal, decidedAt, position, result)
}

function answerToOwn<Type extends OwnType>(
  command: CommandOf<Type>,
  decided: Decided & Partial<OwnKept>,
  position: Position | undefined,
): OwnAnswer {
  return ruleOf(command).answer(command.data, decided, position)
}
