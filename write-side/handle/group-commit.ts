import type { NewRecord } from '@micropay/event-log/event-log'
import { nextHash } from '@micropay/event-log/fold'
import { OwnerId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { type Generations, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import type { ApprovedInVain } from '@micropay/schemas/log/given'
import {
  encodeReadable,
  GenerationError,
  MAX_RECORD_BYTES,
  type RecordContext,
  writtenEvents,
} from '@micropay/schemas/log/ledger-record'
import type { Rejection } from '@micropay/schemas/log/rejection'
import { answerTo, decide, generationOf, originalOf, placeOf } from '../decide/decide.ts'
import type { Decision, LedgerView } from '../decide/ledger.ts'
import { overlayOn, readOnce } from '../decide/overlay.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { changeOf, rejectionTold, type StateChange, scopedKeyOf } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import { originalUnknown } from './refusals.ts'
import { writtenGeneration } from './write-generation.ts'

/** A command whose commit is drafted: it is in the ledger once the record with this hash counts. */
export type Draft<Entry> = {
  readonly entry: Entry
  readonly record: NewRecord
  readonly epoch: number
  readonly hash: string
  readonly change: StateChange
}

export type Drafted<Entry> = {
  readonly drafts: readonly Draft<Entry>[]
  /** What needs no append: replays, reused keys, dry runs, and commands whose decision threw or cannot be read. */
  readonly settled: readonly { readonly entry: Entry; readonly result: CommandResult }[]
  /** What did not fit into one append: decided in the next one, first of all. */
  readonly left: readonly Entry[]
}

/**
 * A batch ends with the record that passes this: with the largest record on top it still fits the log's largest
 * append.
 */
export const BATCH_BYTES = 4 * 1024 * 1024

type Entry = { readonly request: CommandRequest }

/**
 * Decides a batch of commands in order, each against the state after the ones before it, and drafts their records as
 * one unbroken chain. Nothing of it counts yet, so dry runs and replays look at the counted state alone. What the
 * generation that was announced has no words for is refused, and so is what no reader of it could read.
 */
export function draftBatch<Item extends Entry>(
  entries: readonly Item[],
  state: LedgerState,
  context: RecordContext,
  decidedAt: string,
  onBug: (error: unknown, request: CommandRequest) => void,
  table?: Generations,
): Drafted<Item> {
  const drafts: Draft<Item>[] = []
  const settled: { entry: Item; result: CommandResult }[] = []
  const view = overlayOn(readOnce(state))
  const { epoch } = state.fold
  const generation = writtenGeneration(state.fold)
  let { seq, hash } = state.fold
  let bytes = 0
  for (const [index, entry] of entries.entries()) {
    if (bytes >= BATCH_BYTES) return { drafts, settled, left: entries.slice(index) }
    const request = withOriginalOf(state, entry.request)
    try {
      const link = { epoch, seq: seq + 1, previousHash: hash, decidedAt, generation }
      const early = answeredBefore(request, state, view, context, link, table)
      if (early) {
        settled.push({ entry, result: early })
        continue
      }
      const commit = commitOf(request, view, context, link)
      const subject = placeOf(request.command, generation)
      const value = encodeReadable(context, subject, commit, generation, table)
      if (value.byteLength > MAX_RECORD_BYTES) {
        const detail = `the commit would take ${value.byteLength} bytes of ${MAX_RECORD_BYTES}: send less at once`
        settled.push({ entry, result: { kind: 'refused', code: 'body_too_large', detail } })
        continue
      }
      const change = changeOf(commit, view)
      view.put(change.puts)
      seq += 1
      bytes += value.byteLength
      hash = nextHash(hash, value)
      drafts.push({ entry, record: { key: subject, value }, epoch: commit.epoch, hash, change })
    } catch (error) {
      if (!(error instanceof GenerationError)) onBug(error, request)
      settled.push({ entry, result: error instanceof GenerationError ? notRaised(error) : undecidable })
    }
  }
  return { drafts, settled, left: [] }
}

/** Without a payment that was found for another state: that one may have been of a log that was given up since. */
function withOriginalOf(state: LedgerState, request: CommandRequest): CommandRequest {
  return request.original && request.original.foundFor !== state ? { ...request, original: undefined } : request
}

/** What a command is told that leads to no commit: what its key had for an answer, or what would become of it. */
function answeredBefore(
  request: CommandRequest,
  state: LedgerState,
  view: LedgerView,
  context: RecordContext,
  link: Link,
  table: Generations | undefined,
): CommandResult | undefined {
  const known = request.dryRun ? undefined : replayOf(request, state, context)
  if (known) return known
  const { partition, seq } = state.fold
  const before = request.dryRun ? { ledger: state, partition, seq } : { ledger: view, partition, seq: link.seq - 1 }
  if (isUnlooked(request, before)) return originalUnknown
  return request.dryRun ? tryOut(request, state, context, link, table) : undefined
}

/**
 * Whether the command is about a payment of this log that was not looked for: it was taken before this owner had read
 * that far or had opened this state, or it, or what it approves, stands in the same batch. Decided now it would be
 * refused for ever, as one of a payment that is not there.
 */
function isUnlooked({ command, original }: CommandRequest, before: Before): boolean {
  const paymentId = originalOf(command, before.ledger)
  if (paymentId === undefined || original?.paymentId === paymentId) return false
  const { partition, seq } = placeOfId(paymentId)
  return partition === before.partition && seq <= before.seq
}

/** The ledger that a command is decided on, and the last commit that it stands behind. */
type Before = { readonly ledger: LedgerView; readonly partition: number; readonly seq: number }

function notRaised({ code, message: detail }: GenerationError): CommandResult {
  return { kind: 'refused', code, detail: `${detail}; nothing was appended` }
}

const undecidable: CommandResult = {
  kind: 'refused',
  code: 'decision_failed',
  detail: 'this is our fault and was logged; nothing was appended, and the same command will fail again',
}

function replayOf(request: CommandRequest, state: LedgerState, context: RecordContext): CommandResult | undefined {
  const known = state.keyEntry(scopedKeyOf(request))
  if (!known) return undefined
  const { requestHash, earlierHash } = request
  if (known.requestHash === requestHash || known.requestHash === earlierHash)
    return answerOf(request, known, context.partition, true)
  const where = `${context.partition}:${known.seq}`
  const detail = `this key was used for another request, at ${where}: use a new key for a new request`
  return { kind: 'refused', code: 'idempotency_key_reused', detail }
}

function tryOut(
  request: CommandRequest,
  state: LedgerState,
  context: RecordContext,
  link: Link,
  table: Generations | undefined,
): CommandResult {
  const commit = commitOf(request, state, context, link)
  writtenEvents(commit, link.generation, table)
  const { outcome } = commit
  if (outcome.kind === 'rejected') {
    return { kind: 'rejected', position: undefined, replayed: false, rejection: rejectionTold(commit, outcome) }
  }
  const { keyEntry } = changeOf(commit, state)
  return {
    kind: 'accepted',
    position: undefined,
    replayed: false,
    answer: answerTo(request.command, keyEntry, undefined),
  }
}

/** `generation`: in which shapes the commit is written. */
type Link = Pick<Commit, 'epoch' | 'seq' | 'previousHash' | 'decidedAt'> & { readonly generation: number }

function commitOf(
  request: CommandRequest,
  view: LedgerView,
  context: RecordContext,
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
