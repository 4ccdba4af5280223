import assert from 'node:assert/strict'
import type { NewRecord } from '@micropay/event-log/event-log'
import { nextHash } from '@micropay/event-log/fold'
import { paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Generations } from '@micropay/schemas/log/generations'
import {
  encodeReadable,
  GenerationError,
  MAX_RECORD_BYTES,
  type RecordContext,
  writtenEvents,
} from '@micropay/schemas/log/ledger-record'
import { NotConfirmedError } from '../decide/confirmation.ts'
import { answerTo, originalOf, ownerNeededOf, placeOf } from '../decide/decide.ts'
import { type LedgerView, NotNowError } from '../decide/ledger.ts'
import { overlayOn, readOnce } from '../decide/overlay.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { changeOf, rejectionTold, type StateChange, scopedKeyOf } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import { type CommandRequest, type CommandResult, isSameRequest, isStep, type OwnerRequest } from './command.ts'
import {
  commitOf,
  commitOfStep,
  type Drafting,
  type KnownOfOthers,
  type Link,
  partitionsIn,
  type Untaken,
} from './make-commit.ts'
import { type PaymentOutcome, paymentsDecidedIn } from './payment-outcomes.ts'
import { accountUnknown, notConfirmed, originalUnknown } from './refusals.ts'
import { writtenGeneration } from './write-generation.ts'

/** A command whose commit is drafted: it is in the ledger once the record with this hash counts. */
export type Draft<Entry> = {
  readonly entry: Entry
  readonly record: NewRecord
  readonly epoch: number
  readonly hash: string
  readonly change: StateChange
  readonly payments: readonly PaymentOutcome[]
}

export type Drafted<Entry> = {
  readonly drafts: readonly Draft<Entry>[]
  /** What needs no append: replays, reused keys, dry runs, and commands whose decision threw or cannot be read. */
  readonly settled: readonly { readonly entry: Entry; readonly result: CommandResult }[]
  /** Steps that lead to no commit: they were taken before, or cannot be handled. */
  readonly untaken: readonly { readonly entry: Entry; readonly outcome: Untaken }[]
  /** What did not fit into one append: decided in the next one, first of all. */
  readonly left: readonly Entry[]
}

const unknown: KnownOfOthers = {
  ...{ heard: () => new Map(), sealed: () => new Map() },
  ...{ isPrompt: () => true, isUnheard: () => false },
}

/**
 * A batch ends with the record that passes this: with the largest record on top it still fits the log's largest
 * append.
 */
export const BATCH_BYTES = 4 * 1024 * 1024

type Entry = { readonly request: OwnerRequest }

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
  onBug: (error: unknown, request: OwnerRequest) => void,
  { table, others = unknown }: { readonly table?: Generations; readonly others?: KnownOfOthers } = {},
): Drafted<Item> {
  const drafts: Draft<Item>[] = []
  const settled: { entry: Item; result: CommandResult }[] = []
  const untaken: { entry: Item; outcome: Untaken }[] = []
  const view = overlayOn(readOnce(state))
  const { epoch } = state.fold
  const generation = writtenGeneration(state.fold)
  const drafting: Drafting = { state, view, context, others, table }
  let { seq, hash } = state.fold
  let bytes = 0
  for (const [index, entry] of entries.entries()) {
    if (bytes >= BATCH_BYTES) return { drafts, settled, untaken, left: entries.slice(index) }
    try {
      const link = { epoch, seq: seq + 1, previousHash: hash, decidedAt, generation }
      const outcome = isStep(entry.request)
        ? commitOfStep(entry.request, drafting, link)
        : commitOfRequest(entry.request, drafting, link)
      if (outcome.kind === 'settled') {
        settled.push({ entry, result: outcome.result })
        continue
      }
      if (outcome.kind !== 'commit') {
        untaken.push({ entry, outcome })
        continue
      }
      const { commit, subject } = outcome
      const value = encodeReadable(context, subject, commit, generation, table)
      if (value.byteLength > MAX_RECORD_BYTES) {
        const detail = `the commit would take ${value.byteLength} bytes of ${MAX_RECORD_BYTES}: send less at once`
        settled.push({ entry, result: { kind: 'refused', code: 'body_too_large', detail } })
        continue
      }
      const behind = nextHash(hash, value)
      const change = changeOf(commit, view, { partition: context.partition, hash: behind })
      view.put(change.puts)
      seq += 1
      bytes += value.byteLength
      hash = behind
      const payments = paymentsDecidedIn(commit)
      drafts.push({ entry, record: { key: subject, value }, epoch: commit.epoch, hash, change, payments })
    } catch (error) {
      if (error instanceof NotConfirmedError && !isStep(entry.request)) {
        settled.push({ entry, result: notConfirmed(error, entry.request) })
        continue
      }
      const told = error instanceof GenerationError || error instanceof NotNowError
      if (!told) onBug(error, entry.request)
      settled.push({ entry, result: told ? notTaken(error) : undecidable })
    }
  }
  return { drafts, settled, untaken, left: [] }
}

type Outcome =
  | { readonly kind: 'commit'; readonly commit: Commit; readonly subject: string }
  | { readonly kind: 'settled'; readonly result: CommandResult }
  | Untaken

function commitOfRequest(given: CommandRequest, drafting: Drafting, link: Link): Outcome {
  const { state, view } = drafting
  const request = withOriginalOf(state, given)
  const early = answeredBefore(request, drafting, link)
  if (early) return { kind: 'settled', result: early }
  const commit = commitOf(request, view, drafting, link)
  return { kind: 'commit', commit, subject: placeOf(request.command, link.generation) }
}

/** Without a payment that was found for another state: that one may have been of a log that was given up since. */
function withOriginalOf(state: LedgerState, request: CommandRequest): CommandRequest {
  return request.original && request.original.foundFor !== state ? { ...request, original: undefined } : request
}

/** What a command is told that leads to no commit: what its key had for an answer, or what would become of it. */
function answeredBefore(request: CommandRequest, drafting: Drafting, link: Link): CommandResult | undefined {
  const { state, view, context } = drafting
  const known = request.dryRun ? undefined : replayOf(request, state, context)
  if (known) return known
  const { partition, seq } = state.fold
  const before = request.dryRun ? { ledger: state, partition, seq } : { ledger: view, partition, seq: link.seq - 1 }
  if (isUnlooked(request, before)) return originalUnknown
  const asks = unaskedOf(request, before, state)
  if (asks !== undefined) return accountUnknown(asks)
  return request.dryRun ? tryOut(request, drafting, link) : undefined
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

/** The account elsewhere that was not looked at, and whose owner has to be known. */
function unaskedOf(
  { command, tenant, mayBook, original, elsewhere }: CommandRequest,
  before: Before,
  state: LedgerState,
) {
  const paymentId = paymentIdAt(before.partition, before.seq + 1)
  const facts = { tenant, mayBook, original: original?.commit, paymentId, partitions: partitionsIn(state) }
  const needed = ownerNeededOf(command, before.ledger, facts)
  return needed === elsewhere?.accountId ? undefined : needed
}

/** The ledger that a command is decided on, and the last commit that it stands behind. */
type Before = { readonly ledger: LedgerView; readonly partition: number; readonly seq: number }

function notTaken(error: GenerationError | NotNowError): CommandResult {
  const { message } = error
  if (error instanceof GenerationError) {
    return { kind: 'refused', code: error.code, detail: `${message}; nothing was appended` }
  }
  return { kind: 'refused', code: error.code, detail: `${message}; nothing was appended`, retryAfterSeconds: 5 }
}

const undecidable: CommandResult = {
  kind: 'refused',
  code: 'decision_failed',
  detail: 'this is our fault and was logged; nothing was appended, and the same command will fail again',
}

function replayOf(request: CommandRequest, state: LedgerState, context: RecordContext): CommandResult | undefined {
  const known = state.keyEntry(scopedKeyOf(request))
  if (!known) return undefined
  if (isSameRequest(request, known) || request.earlierHashes?.includes(known.requestHash))
    return answerOf(request, known, context.partition, true)
  const where = `${context.partition}:${known.seq}`
  const detail = `this key was used for another request, at ${where}: use a new key for a new request`
  return { kind: 'refused', code: 'idempotency_key_reused', detail }
}

function tryOut(request: CommandRequest, drafting: Drafting, link: Link): CommandResult {
  const { state, table, context } = drafting
  const commit = commitOf(request, state, drafting, link)
  writtenEvents(commit, link.generation, table)
  const { outcome } = commit
  if (outcome.kind === 'rejected') {
    return { kind: 'rejected', position: undefined, replayed: false, rejection: rejectionTold(commit, outcome) }
  }
  const { key } = changeOf(commit, state, { partition: context.partition, hash: '' })
  assert(key, 'a command has a key')
  return {
    kind: 'accepted',
    position: undefined,
    replayed: false,
    answer: answerTo(request.command, key.entry, undefined),
  }
}
