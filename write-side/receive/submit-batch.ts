import { ProposalDecided } from '@micropay/schemas/api/approval'
import { Problem, problemOf, problemOfErrors } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import type { IdempotencyKey } from '@micropay/schemas/identifiers'
import { formatPosition, parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import type { CommandAnswer, LedgerCommand } from '../decide/decide.ts'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import { reused } from '../handle/refusals.ts'
import type { BatchRoom } from './batch-room.ts'
import { problemFor, statusOf } from './respond.ts'
import { type ReceiveDependencies, requestFor } from './submit.ts'

export type BatchItem = { readonly idempotencyKey: z.infer<typeof IdempotencyKey> }

/** What a batch is of: how an item reads, what it asks for, and under which name its outcome stands. */
export type BatchKind<Item extends BatchItem> = {
  readonly noun: 'payment' | 'account'
  readonly item: z.ZodType<Item>
  command(item: Item, caller: Caller): LedgerCommand
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

/** Hands the items over in order, a window at a time; the results stand in the same order. */
export async function submitBatch<Item extends BatchItem>(
  dependencies: ReceiveDependencies,
  caller: Caller,
  items: readonly unknown[],
  room: BatchRoom,
  kind: BatchKind<Item>,
): Promise<BatchResult[]> {
  const results: Promise<BatchResult>[] = []
  let undecided = false
  let waitAt = room.window()
  const submit = submitOnce(dependencies, () => undecided)
  for (const [index, item] of items.entries()) {
    if (index === waitAt) {
      const half = Math.floor(room.window() / 2)
      await results[index - half]
      waitAt = index + half
    }
    const result = undecided
      ? Promise.resolve(notTried(item, kind))
      : submitItem(dependencies, caller, item, kind, submit)
    results.push(result)
    void result.then(({ status }) => {
      undecided ||= isOpen(status)
    })
  }
  return Promise.all(results)
}

/** No worker decided it, or it is not known whether one did. */
function isOpen(status: number): boolean {
  return status === 503 || status === 504
}

/** Undefined when it was not tried. */
type Submit = (request: CommandRequest) => Promise<CommandResult | undefined>

/**
 * Hands over what a batch holds twice only once: the twin waits for the first one's outcome and has it too, for its
 * key is used from then on. A key whose first request left nothing in the ledger is free for another one.
 */
function submitOnce({ submit }: ReceiveDependencies, isUndecided: () => boolean): Submit {
  const firsts = new Map<string, First>()
  function asFirst(request: CommandRequest): Promise<CommandResult> {
    const outcome = submit(request)
    firsts.set(request.idempotencyKey, { requestHash: request.requestHash, outcome })
    return outcome
  }
  async function asTwin(request: CommandRequest, first: First): Promise<CommandResult | undefined> {
    const result = await first.outcome
    if (first.requestHash === request.requestHash) {
      return result.kind === 'refused' ? result : { ...result, replayed: true }
    }
    if (result.kind !== 'refused') return reused
    if (isUndecided() || isOpen(problemFor(result).status)) return undefined
    const latest = firsts.get(request.idempotencyKey)
    return latest && latest !== first ? asTwin(request, latest) : asFirst(request)
  }
  return (request) => {
    const first = firsts.get(request.idempotencyKey)
    return first ? asTwin(request, first) : asFirst(request)
  }
}
type First = { readonly requestHash: string; readonly outcome: Promise<CommandResult> }

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

async function submitItem<Item extends BatchItem>(
  dependencies: ReceiveDependencies,
  caller: Caller,
  item: unknown,
  kind: BatchKind<Item>,
  submit: Submit,
): Promise<BatchResult> {
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
  const result = await submit(requestFor(dependencies, caller, command, idempotencyKey, false))
  return result ? batchResult(idempotencyKey, result, kind) : notTried(item, kind)
}

/** The highest position in the partition that was written last: a replayed one at the end stands before others. */
export function furthest(results: readonly BatchResult[]): string | undefined {
  if (!results.some(({ replayed }) => replayed)) {
    return results.findLast(({ position }) => position !== null)?.position ?? undefined
  }
  const positions = results.flatMap(({ position }) => parsePositions(position ?? '') ?? [])
  const last = positions.at(-1)
  if (!last) return undefined
  const seqs = positions.filter(({ partition }) => partition === last.partition).map(({ seq }) => seq)
  return formatPosition({ ...last, seq: seqs.reduce((most, seq) => Math.max(most, seq)) })
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
  const position = result.position ? formatPosition(result.position) : null
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
