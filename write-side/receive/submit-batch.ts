import { breathing } from '@micropay/runtime/breathing'
import { systemClock } from '@micropay/runtime/clock'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { Problem, problemOf, problemOfErrors } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import type { IdempotencyKey } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { formatPositions, furthestOf, parsePositions } from '@micropay/schemas/position'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type CommandAnswer, type LedgerCommand, partitionFor } from '../decide/decide.ts'
import { type CommandRequest, type CommandResult, isSameRequest } from '../handle/command.ts'
import { reused } from '../handle/refusals.ts'
import { createBatchOrder } from './batch-order.ts'
import type { BatchRoom } from './batch-room.ts'
import { type SubmitItem, submitterFor } from './pass-on-batch.ts'
import { positionsOf, problemFor, statusOf } from './respond.ts'
import { type ReceiveDependencies, requestFor } from './submit.ts'
import { waitOf } from './wait-of.ts'

export type BatchItem = { readonly idempotencyKey: z.infer<typeof IdempotencyKey> }

/** What a batch is of: how an item reads, what it asks for, and under which name its outcome stands. */
export type BatchKind<Item extends BatchItem> = {
  readonly noun: 'payment' | 'account'
  readonly item: z.ZodType<Item>
  command(item: Item, caller: Caller): LedgerCommand
  /** The accounts that an item moves or makes: what comes before it there is decided before it. */
  accounts(command: LedgerCommand): readonly string[]
}

/** What the result of one command of a batch says, beside what its own HTTP answer would have been. */
export const batchResultFields = {
  status: z.int(),
  idempotencyKey: z.string().nullable(),
  replayed: z.boolean(),
  position: z.string().nullable(),
  proposal: ProposalDecided.optional().meta({ description: 'It needs a second person: status 202.' }),
  problem: Problem.optional(),
}
export type BatchResult = z.infer<z.ZodObject<typeof batchResultFields>> & {
  readonly [Noun in BatchKind<BatchItem>['noun']]?: CommandAnswer
}

/**
 * Hands the items over in order, a window at a time: each partition decides its own in that order. The results stand in
 * the order of the items, too. Nothing is tried behind an item of its partitions that is not decided.
 */
export async function submitBatch<Item extends BatchItem>(
  dependencies: ReceiveDependencies,
  request: FastifyRequest,
  items: readonly unknown[],
  room: BatchRoom,
  kind: BatchKind<Item>,
): Promise<BatchResult[]> {
  const { caller } = request
  const wait = waitOf(request)
  const results: Promise<BatchResult>[] = []
  const undecided = new Set<number>()
  /** Those that wait for others: nothing but what pays from their accounts waits for them. */
  const notDue = new WeakSet<BatchResult>()
  let waitAt = room.window()
  const submit = submitOnce(submitterFor(dependencies, request, kind.noun))
  const order = orderOf(dependencies, caller)
  const breath = breathing(systemClock)
  for (const [index, item] of items.entries()) {
    if (index === waitAt) {
      const half = Math.floor(room.window() / 2)
      await results[index - half]
      waitAt = index + half
    }
    const othersTurn = breath()
    if (othersTurn) await othersTurn
    const asked = readItem(dependencies, caller, item, kind, wait)
    if ('status' in asked) {
      results.push(Promise.resolve(asked))
      continue
    }
    const partitions = partitionsOf(asked.request, dependencies, kind)
    const isHeld = () => partitions.some((partition) => undecided.has(partition))
    const handOver = () => {
      return isHeld() ? Promise.resolve(notTried(item, kind)) : submitItem(asked.request, item, kind, submit, isHeld)
    }
    const { command } = asked.request
    const before = order?.before(command)
    const behind = (earlier: readonly BatchResult[]) => {
      if (earlier.every(isDecided)) return handOver()
      const told = notTried(item, kind)
      notDue.add(told)
      return told
    }
    const result = before ? before.then(behind) : handOver()
    order?.add(command, result, before !== undefined)
    results.push(partitions.length > 1 && wait ? untilSeen(dependencies, asked.request, result, kind, wait) : result)
    void result.then((told) => {
      if (isOpen(told.status) && !notDue.has(told)) for (const partition of partitions) undecided.add(partition)
    })
  }
  return Promise.all(results)
}

/** That decides it, and those of all accounts that it names: what is not known of one may be what another one needs. */
function partitionsOf<Item extends BatchItem>(
  { command }: CommandRequest,
  { partitions }: ReceiveDependencies,
  kind: BatchKind<Item>,
): readonly number[] {
  if (partitions === 1) return onlyPartition
  const places = kind.accounts(command).map((accountId) => partitionOf(accountId, partitions))
  return [...new Set([partitionFor(command, partitions), ...places])]
}
const onlyPartition = [0]

/** Waits for as long as the caller does until what was decided is seen on all partitions: the same key is told. */
async function untilSeen<Item extends BatchItem>(
  { submit }: ReceiveDependencies,
  request: CommandRequest,
  decided: Promise<BatchResult>,
  kind: BatchKind<Item>,
  wait: NonNullable<CommandRequest['wait']>,
): Promise<BatchResult> {
  const first = await decided
  // For what is under way yet it has waited already.
  if (!wait.toTheEnd || first.position === null || first.status !== 201) return first
  // Whoever decides it elsewhere has waited itself.
  const seen = await submit({ ...request, wait }).catch(() => undefined)
  if (!seen || seen.kind === 'refused') return first
  return { ...batchResult(request.idempotencyKey, seen, kind), replayed: first.replayed }
}

function orderOf({ partitions, isUnlimited }: ReceiveDependencies, { tenant }: Caller) {
  if (partitions === 1) return undefined
  const isWithout = (accountId: string) => isUnlimited?.(tenant, accountId) ?? false
  return createBatchOrder<BatchResult>({ partitions, isUnlimited: isWithout, isDecided })
}

/** What is under way may yet bring what a later payment needs: that would be refused for want of it, for good. */
function isDecided({ status, proposal }: BatchResult): boolean {
  return !isOpen(status) && (status !== 202 || proposal !== undefined)
}

/** Nobody decided it yet, or it is not known whether somebody did. */
function isOpen(status: number): boolean {
  return status === 429 || status === 503 || status === 504
}

/** Undefined when it was not tried. */
type Submit = (request: CommandRequest, item: unknown, isHeld: () => boolean) => Promise<CommandResult | undefined>

/**
 * Hands over what a batch holds twice only once: the twin waits for the first one's outcome and has it too, for its
 * key is used from then on. A key whose first request left nothing in the ledger is free for another one.
 */
function submitOnce(submit: SubmitItem): Submit {
  const firsts = new Map<string, First>()
  function asFirst(request: CommandRequest, item: unknown): Promise<CommandResult> {
    const outcome = submit(request, item)
    firsts.set(request.idempotencyKey, { request, outcome })
    return outcome
  }
  async function asTwin(first: First, ...given: Parameters<Submit>): ReturnType<Submit> {
    const [request, item, isHeld] = given
    const result = await first.outcome
    if (isSameRequest(first.request, request)) {
      return result.kind === 'refused' ? result : { ...result, replayed: true }
    }
    if (result.kind !== 'refused') return reused
    if (isHeld() || isOpen(problemFor(result).status)) return undefined
    const latest = firsts.get(request.idempotencyKey)
    return latest && latest !== first ? asTwin(latest, ...given) : asFirst(request, item)
  }
  return (request, item, isHeld) => {
    const first = firsts.get(request.idempotencyKey)
    return first ? asTwin(first, request, item, isHeld) : asFirst(request, item)
  }
}
type First = { readonly request: CommandRequest; readonly outcome: Promise<CommandResult> }

/**
 * What comes after an item that is not decided waits for it: decided before it, a withdrawal could be refused for
 * want of its deposit.
 */
function notTried(item: unknown, { noun }: Pick<BatchKind<BatchItem>, 'noun'>): BatchResult {
  const problem = problemOf(
    'not_owner',
    `an earlier ${noun} of this batch was not decided, so this one was not tried: ` +
      'send the batch again with the same keys',
  )
  return { status: problem.status, idempotencyKey: keyIn(item), replayed: false, position: null, problem }
}

/** What an item asks for, or how it ends where it says nothing that can be decided. */
function readItem<Item extends BatchItem>(
  dependencies: ReceiveDependencies,
  caller: Caller,
  item: unknown,
  kind: BatchKind<Item>,
  wait: CommandRequest['wait'],
): { readonly request: CommandRequest } | BatchResult {
  const parsed = kind.item.safeParse(item)
  if (!parsed.success) {
    const problem = problemOfErrors(
      parsed.error.issues.map((issue) => {
        const params = issue.code === 'custom' ? issue.params : undefined
        return { pointer: `/${issue.path.join('/')}`, detail: issue.message, params }
      }),
    )
    return { status: problem.status, idempotencyKey: keyIn(item), replayed: false, position: null, problem }
  }
  const { idempotencyKey } = parsed.data
  const command = kind.command(parsed.data, caller)
  const request = requestFor(dependencies, caller, command, idempotencyKey, false)
  // Who waits for it may need its decision, though its caller does not.
  return { request: { ...request, wait: { ms: Math.max(request.wait?.ms ?? 0, wait?.ms ?? 0) } } }
}

async function submitItem<Item extends BatchItem>(
  request: CommandRequest,
  item: unknown,
  kind: BatchKind<Item>,
  submit: Submit,
  isHeld: () => boolean,
): Promise<BatchResult> {
  const result = await submit(request, item, isHeld)
  return result ? batchResult(request.idempotencyKey, result, kind) : notTried(item, kind)
}

/** The highest position in each partition that was written: a replayed one may stand before others. */
export function furthest(results: readonly BatchResult[]): string | undefined {
  const positions = furthestOf(results.flatMap(({ position }) => parsePositions(position ?? '') ?? []))
  return positions.length === 0 ? undefined : formatPositions(positions)
}

function batchResult(
  idempotencyKey: string,
  result: CommandResult,
  { noun }: Pick<BatchKind<BatchItem>, 'noun'>,
): BatchResult {
  if (result.kind === 'refused') {
    const problem = problemFor(result)
    return { status: problem.status, idempotencyKey, replayed: false, position: null, problem }
  }
  const { replayed } = result
  const position = positionsOf(result) ?? null
  if (result.kind === 'accepted') {
    const { answer } = result
    const name = 'proposalId' in answer ? 'proposal' : noun
    return { status: statusOf(result), idempotencyKey, replayed, position, [name]: answer }
  }
  const problem = problemFor(result)
  return { status: problem.status, idempotencyKey, replayed, position, problem }
}

function keyIn(item: unknown): string | null {
  const key = typeof item === 'object' && item !== null && 'idempotencyKey' in item ? item.idempotencyKey : null
  return typeof key === 'string' ? key : null
}
