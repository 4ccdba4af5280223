import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import { problemOfFailure } from './failures.ts'
import { answerHeaders } from './headers.ts'
import type { Upstream } from './upstreams.ts'

/** Answers up to this size are passed on whole, which is cheaper than as a stream. */
const WHOLE_BYTES = 64 * 1024

/**
 * An answer that is known to be short is sent whole, so that what a service refused is found in the log by its code.
 */
export async function sendSmall(
  answer: Dispatcher.ResponseData,
  upstream: Upstream,
  request: FastifyRequest,
  reply: FastifyReply,
  seen: Seen = () => undefined,
): Promise<FastifyReply> {
  reply.code(answer.statusCode).headers(answerHeaders(answer.headers))
  if (!request.raw.complete) reply.header('connection', 'close')
  if (!isShort(answer)) return reply.send(answer.body)
  const whole = Buffer.from(await wholeOf(answer, upstream, request))
  if (answer.statusCode >= 400) request.problem = /"code":"([a-z_]{1,40})"/.exec(whole.toString('latin1'))?.[1]
  await seen(answer, whole)
  return reply.send(whole)
}

/** Is told of an answer that was read whole, before it is sent. */
export type Seen = (answer: Dispatcher.ResponseData, whole: Buffer) => Promise<void> | void

/** Whether it is known to be; any other one comes at the pace of its reader. */
export function isShort({ headers }: Dispatcher.ResponseData): boolean {
  return Number(headers['content-length']) <= WHOLE_BYTES
}

async function wholeOf(
  answer: Dispatcher.ResponseData,
  upstream: Upstream,
  request: FastifyRequest,
): Promise<ArrayBuffer> {
  return answer.body.arrayBuffer().catch((error: unknown) => {
    throw problemOfFailure(error, upstream.name, request)
  })
}
