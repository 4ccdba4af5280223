import { sendProblem } from '@micropay/runtime/send-problem'
import type { StepUp } from '@micropay/runtime/step-up'
import type { ProposalDecided } from '@micropay/schemas/api/approval'
import { type Problem, problemOf } from '@micropay/schemas/api/problem'
import { formatPosition, formatPositions, furthestOf } from '@micropay/schemas/position'
import type { FastifyReply } from 'fastify'
import type { CommandAnswer } from '../decide/decide.ts'
import { type CommandResult, isPending } from '../handle/command.ts'
import { challengeFor } from './confirmation.ts'

/**
 * One result as an HTTP answer: 201 with the outcome (200 for a dry run), or the problem that says what to do. `stepUp`
 * is of commands that their caller may have to confirm.
 */
export function respond(reply: FastifyReply, result: CommandResult, stepUp?: StepUp) {
  if (result.kind !== 'refused') {
    const positions = positionsOf(result)
    if (positions) reply.header('position', positions)
    if (result.replayed) reply.header('idempotent-replayed', 'true')
  }
  if (result.kind === 'accepted') {
    const { position, answer } = result
    if (position && isOpenProposal(answer)) reply.header('location', `/v1/approvals/${answer.proposalId}`)
    if (position && isPending(result)) reply.header('location', pendingAt(answer))
    return sendAsItIs(reply.code(statusOf(result)), answer)
  }
  if (result.kind === 'rejected') return sendProblem(reply, problemFor(result))
  const { retryAfterSeconds } = result
  return sendProblem(reply, problemFor(result), {
    ...challengeFor(result, reply.request, stepUp),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
}

/** Where it is seen: of a payment across partitions that is decided, a position of each that says so. */
export function positionsOf({ position, seenAt }: Exclude<CommandResult, { kind: 'refused' }>): string | undefined {
  return seenAt ? formatPositions(furthestOf(seenAt)) : position && formatPosition(position)
}

/** 201 for what was done, 202 for what waits for a second person or is under way, 200 for a dry run of any. */
export function statusOf(result: Extract<CommandResult, { kind: 'accepted' }>): 200 | 201 | 202 {
  if (!result.position) return 200
  return isOpenProposal(result.answer) || isPending(result) ? 202 : 201
}

/** Where it is shown what is under way: of an approval, what it approved. */
function pendingAt(answer: CommandAnswer): string {
  const begun = 'result' in answer && answer.result ? answer.result : answer
  return 'periodId' in begun
    ? `/v1/periods/${begun.periodId}`
    : `/v1/payments/${'paymentId' in begun ? begun.paymentId : ''}`
}

function isOpenProposal(answer: CommandAnswer): answer is ProposalDecided {
  return 'proposalId' in answer && answer.status === 'open'
}

/** The problem that a refused or rejected command answers. */
export function problemFor(result: Exclude<CommandResult, { kind: 'accepted' }>): Problem {
  if (result.kind === 'refused') {
    const { code, detail, confirm } = result
    return problemOf(code, detail, confirm ? { authorizationDetails: [...confirm] } : {})
  }
  const { code, detail, pointer, cause } = result.rejection
  return problemOf(code, detail, {
    ...(pointer === undefined ? {} : { errors: [{ pointer, detail }] }),
    ...(cause === undefined ? {} : { cause }),
    ...(result.position ? { position: formatPosition(result.position) } : {}),
  })
}

/** The answer is built from what its schema's types allow; parsing it once more would cost as much as deciding it. */
export function sendAsItIs(reply: FastifyReply, answer: object) {
  return reply.type('application/json; charset=utf-8').serializer(toJson).send(answer)
}

function toJson(answer: unknown): string {
  return JSON.stringify(answer)
}
