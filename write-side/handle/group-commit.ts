import type { NewRecord } from '@micropay/event-log/event-log'
import { nextHash } from '@micropay/event-log/fold'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Generations } from '@micropay/schemas/log/generations'
import {
  encodeCommit,
  GenerationError,
  MAX_RECORD_BYTES,
  type RecordContext,
  writtenEvents,
} from '@micropay/schemas/log/ledger-record'
import type { Rejection } from '@micropay/schemas/log/rejection'
import { answerTo, decide, placeOf } from '../decide/decide.ts'
import type { LedgerView } from '../decide/ledger.ts'
import { overlayOn } from '../decide/overlay.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { changeOf, type StateChange, scopedKeyOf } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import type { CommandRequest, CommandResult } from './command.ts'
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
  /** What needs no append: replays, reused keys, dry runs, and commands whose decision threw. */
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
 * generation that was announced has no words for is refused.
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
  const view = overlayOn(state)
  const writing = { generation: writtenGeneration(state.fold), table }
  let { seq, hash } = state.fold
  let bytes = 0
  for (const [index, entry] of entries.entries()) {
    if (bytes >= BATCH_BYTES) return { drafts, settled, left: entries.slice(index) }
    const { request } = entry
    try {
      const { generation } = writing
      const link = { epoch: state.fold.epoch, seq: seq + 1, previousHash: hash, decidedAt }
      const early = request.dryRun ? tryOut(request, state, context, link, writing) : replayOf(request, state, context)
      if (early) {
        settled.push({ entry, result: early })
        continue
      }
      const commit = commitOf(request, view, context, link, generation)
      const subject = placeOf(request.command)
      const value = encodeCommit(context, subject, commit, generation, table)
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

type Writing = { readonly generation: number; readonly table: Generations | undefined }

function tryOut(
  request: CommandRequest,
  state: LedgerState,
  context: RecordContext,
  link: Link,
  { generation, table }: Writing,
): CommandResult {
  const commit = commitOf(request, state, context, link, generation)
  writtenEvents(commit, generation, table)
  const { outcome } = commit
  if (outcome.kind === 'rejected')
    return { kind: 'rejected', position: undefined, replayed: false, rejection: rejectionOf(outcome) }
  const { keyEntry } = changeOf(commit, state)
  return {
    kind: 'accepted',
    position: undefined,
    replayed: false,
    answer: answerTo(request.command, keyEntry, undefined),
  }
}

type Link = Pick<Commit, 'epoch' | 'seq' | 'previousHash' | 'decidedAt'>

function commitOf(
  request: CommandRequest,
  view: LedgerView,
  { partition }: RecordContext,
  link: Link,
  generation: number,
): Commit {
  const { tenant, mayBook, actor } = request
  const facts = { tenant, subject: actor.subject, mayBook, decidedAt: link.decidedAt, generation }
  const decision = decide(request.command, view, { ...facts, paymentId: paymentIdAt(partition, link.seq) })
  if (decision.kind === 'accepted') {
    return { ...link, ...headOf(request), outcome: { kind: 'accepted' }, events: [...decision.events] }
  }
  const head = headOf(request)
  const command = { ...head.command, data: { ...request.command.data } }
  const cause = decision.cause === undefined ? {} : { cause: decision.cause }
  return { ...link, ...head, command, outcome: { kind: 'rejected', ...rejectionOf(decision), ...cause }, events: [] }
}

function headOf({ tenant, actor, command, idempotencyKey, requestHash }: CommandRequest) {
  return { tenant, actor, command: { type: command.type }, idempotencyKey, requestHash }
}

function rejectionOf({ code, detail, pointer }: Rejection): Rejection {
  return { code, detail, ...(pointer === undefined ? {} : { pointer }) }
}
