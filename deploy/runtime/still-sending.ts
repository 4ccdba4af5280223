import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { systemClock } from './clock.ts'

/** So long the rest of a body is thrown away, so that its sender comes to read the answer. */
const LINGER_MS = 1_000

/** Whether a request has a body of which more is to come: an answer now is an answer before its end. */
export function isStillSending({ raw, headers }: FastifyRequest): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  return hasBody && !raw.complete
}

/**
 * Answers who still sends, and then ends the connection: what is left of the body could be without end. Closed while
 * bytes arrive, a connection is reset, and a sender that sees the reset first never reads the answer. So the answer
 * goes out whole, by its length, and the connection ends when the body does, or else a moment later. A body that came
 * together with its headers, and was only not parsed yet, is none of this.
 */
export function answerSender(reply: FastifyReply, text: string): FastifyReply {
  const answer = Buffer.from(text)
  systemClock.turn().then(() => {
    if (!isStillSending(reply.request)) return reply.send(answer)
    reply.headers({ connection: 'close', 'content-length': answer.length })
    return reply.send(Readable.from(answerAndLinger(answer, reply.request), { objectMode: false }))
  })
  return reply
}

async function* answerAndLinger(answer: Buffer, { raw }: FastifyRequest): AsyncGenerator<Buffer> {
  yield answer
  raw.resume()
  await finished(raw, { writable: false, signal: systemClock.deadline(LINGER_MS) }).catch(() => undefined)
}
