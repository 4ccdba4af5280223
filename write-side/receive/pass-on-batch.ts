import { ProblemError } from '@micropay/runtime/problem-error'
import { Problem, problemOf } from '@micropay/schemas/api/problem'
import { Rejection } from '@micropay/schemas/log/rejection'
import { parsePositions } from '@micropay/schemas/position'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { partitionFor } from '../decide/decide.ts'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import { isProblemCode, PASSED_ON, type Passed, passedWithinMs } from './pass-on.ts'
import { ElsewhereError } from './route-commands.ts'
import type { ReceiveDependencies } from './submit.ts'

/** Hands over one command of a batch, which stands in it as `item`. */
export type SubmitItem = (request: CommandRequest, item: unknown) => Promise<CommandResult>

type Sent = {
  readonly item: unknown
  readonly result: PromiseWithResolvers<CommandResult>
}

const MOST_AT_ONCE = 1_000
const AGAIN_AFTER_MS = 50

/**
 * What is decided elsewhere goes there as batches of its partition, one after the other, so that it is decided in the
 * order in which it was given: once one of a partition waits to be passed on, those behind it do, too.
 */
export function submitterFor(
  { submit, passOn, partitions }: ReceiveDependencies,
  request: FastifyRequest,
  noun: string,
): SubmitItem {
  const send = passOn
  if (!send || request.headers[PASSED_ON] !== undefined) return (command) => submit(command).catch(resultElsewhere)
  const lanes = new Map<number, Sent[]>()

  function enqueue(partition: number, item: unknown): Promise<CommandResult> {
    const sent = { item, result: Promise.withResolvers<CommandResult>() }
    const lane = lanes.get(partition)
    if (lane) lane.push(sent)
    else lanes.set(partition, [sent])
    if (!lane) void run(partition).finally(() => lanes.delete(partition))
    return sent.result.promise
  }
  async function run(partition: number): Promise<void> {
    const lane = lanes.get(partition) ?? []
    let sinceMs = send?.clock.monotonicMs() ?? 0
    while (send && lane.length > 0) {
      // What is arriving just now goes along.
      await send.clock.turn()
      const sent = lane.splice(0, MOST_AT_ONCE)
      const body = JSON.stringify({ [`${noun}s`]: sent.map(({ item }) => item) })
      const results = await send.ask(request, partition, body).then(resultsIn, refusedBy)
      const isLate = send.clock.monotonicMs() - sinceMs > passedWithinMs(request)
      const open: Sent[] = []
      for (const [index, each] of sent.entries()) {
        const result = Array.isArray(results) ? (results[index] ?? missing) : results
        if (isOpen(result) && !isLate) open.push(each)
        else each.result.resolve(result)
      }
      lane.unshift(...open)
      if (open.length < sent.length) sinceMs = send.clock.monotonicMs()
      if (open.length > 0) await send.clock.sleep(AGAIN_AFTER_MS)
    }
  }
  return async (command, item) => {
    const partition = partitionFor(command.command, partitions)
    if (lanes.has(partition)) return enqueue(partition, item)
    return submit(command).catch((error: unknown) => {
      if (error instanceof ElsewhereError) return enqueue(partition, item).then((told) => knownOf(told, error))
      throw error
    })
  }
}

/** What stands in the ledger is never told to be unknown, or not there. */
function knownOf(told: CommandResult, { result }: ElsewhereError): CommandResult {
  return told.kind === 'refused' && result.kind !== 'refused' ? result : told
}

function resultElsewhere(error: unknown): CommandResult {
  if (error instanceof ElsewhereError) return error.result
  throw error
}

const Result = z.looseObject({
  replayed: z.boolean(),
  position: z.string().nullable(),
  problem: Problem.optional(),
})

function resultsIn({ status, body }: Passed): CommandResult | readonly CommandResult[] {
  const read: unknown = JSON.parse(body)
  if (status === 200)
    return z
      .object({ results: z.array(Result) })
      .parse(read)
      .results.map(resultOf)
  return refusedFor(Problem.parse(read))
}

/** What a result of a batch says, as the owner said it. */
function resultOf({ replayed, position, problem, ...named }: z.infer<typeof Result>): CommandResult {
  const positions = parsePositions(position ?? '') ?? []
  const [at] = positions
  const seen = positions.length > 1 ? { seenAt: positions } : {}
  if (!problem) {
    // It was made of an answer of this very kind.
    const answer = (named.payment ?? named.account ?? named.proposal) as AnswerOf
    return { kind: 'accepted', position: at, replayed, answer, ...seen }
  }
  const { code, detail, errors, cause } = problem
  const rejection = at && Rejection.safeParse({ code, detail, pointer: errors?.[0]?.pointer }).data
  if (!rejection) return refusedFor(problem)
  return { kind: 'rejected', position: at, replayed, ...seen, rejection: { ...rejection, ...(cause ? { cause } : {}) } }
}
type AnswerOf = Extract<CommandResult, { kind: 'accepted' }>['answer']

function refusedFor({ code, detail, authorizationDetails: confirm }: Problem): CommandResult {
  const refused = { kind: 'refused' as const, code: isProblemCode(code) ? code : 'internal', detail }
  return confirm ? { ...refused, confirm } : refused
}

function refusedBy(error: unknown): CommandResult {
  if (error instanceof ProblemError) return refusedFor(error.problem)
  return refusedFor(problemOf('outcome_unknown', 'the owner answered in a form that is not known here'))
}

const missing = refusedFor(
  problemOf('outcome_unknown', 'the owner said nothing of it: send it again with the same key'),
)

/** It may be decided yet, and under its key that happens once. */
function isOpen(result: CommandResult): boolean {
  return result.kind === 'refused' && openCodes.has(result.code)
}
const openCodes = new Set(['not_owner', 'outcome_unknown', 'overloaded', 'rate_limited', 'idempotency_key_in_flight'])
