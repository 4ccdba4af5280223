import type { Problem } from '@micropay/schemas/api/problem'
import type { FastifyReply } from 'fastify'
import { answerSender, isStillSending } from './still-sending.ts'

/** What goes with every answer that is for one caller, refusals too: nobody keeps it, nor gives it to anyone else. */
export const forTheCaller = { 'cache-control': 'private, no-store', vary: 'Authorization, Cookie' } as const

/** Answers with a problem (RFC 9457); how a command went is told to whoever sent one. */
export function sendProblem(reply: FastifyReply, told: Problem, headers: Readonly<Record<string, string>> = {}) {
  const { outcome: _, ...ofRead } = told
  const problem = reply.request.method === 'GET' ? ofRead : told
  reply
    .code(problem.status)
    .headers({ ...forTheCaller, ...headers })
    .type('application/problem+json')
  if (isStillSending(reply.request)) return answerSender(reply, JSON.stringify(problem))
  return reply.serializer((payload: unknown) => JSON.stringify(payload)).send(problem)
}
