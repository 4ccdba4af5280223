import { sendProblem } from '@micropay/runtime/http'
import type { ProposalDecided } from '@micropay/schemas/api/approval'
import { type Problem, problemOf } from '@micropay/schemas/api/problem'
import { formatPosition } from '@micropay/schemas/position'
import type { FastifyReply } from 'fastify'
import type { CommandAnswer } from '../decide/decide.ts'
import type { CommandResult } from '../handle/command.ts'

/** One result as an HTTP answer: 201 with the outcome (200 for a dry run), or the problem that says what to do. */
export function respond(reply: FastifyReply, result: CommandResult) {
  if (result.kind !== 'refused') {
    if (result.position) reply.header('position', formatPosition(result.position))
    if (result.replayed) reply.header('idempotent-replayed', 'true')
  }
  if (result.kind === 'accepted') {
    const { position, answer } = result
    if (position && isOpenProposal(answer)) reply.header('location', `/v1/approvals/${answer.proposalId}`)
    return sendAsItIs(reply.code(statusOf(result)), answer)
  }
  const retryAfter = result.kind === 'refused' ? result.retryAfterSeconds : undefined
  return sendProblem(reply, problemFor(result), retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
}

/** 201 for what was done, 202 for what waits for a second person, 200 for a dry run of either. */
export function statusOf({ position, answer }: Extract<CommandResult, { kind: 'accepted' }>): 200 | 201 | 202 {
  if (!position) return 200
  return isOpenProposal(answer) ? 202 : 201
}

function isOpenProposal(answer: CommandAnswer): answer is ProposalDecided {
  return 'proposalId' in answer && answer.status === 'open'
}

/** The problem that a refused or rejected command answers. */
export function problemFor(result: Exclude<CommandResult, { kind: 'accepted' }>): Problem {
  if (result.kind === 'refused') return problemOf(result.code, result.detail)
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
