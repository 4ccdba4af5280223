import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemOf } from '@micropay/schemas/api/problem'

/**
 * Answers what is no HTTP request that Node's parser takes, before any route is looked for, with a problem like every
 * other error; Fastify's own words would differ. With an answer before it under way on the connection, which ours would
 * become a part of, the connection ends instead.
 */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (owesAnswer(socket)) {
    socket.destroy()
    return
  }
  if (socket.writable) {
    const [code, detail] = problems[error.code ?? ''] ?? notHttp
    const problem = problemOf(code, detail)
    const body = JSON.stringify(problem)
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Content-Type: application/problem+json',
      'Connection: close',
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.destroySoon()
}

/**
 * Whether what is written next would be read as the answer, or a part of it, to a request that came whole. Node keeps
 * the answer under way at the socket.
 */
function owesAnswer(socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean {
  const answer = socket._httpMessage
  return answer ? answer.headersSent || answer.req.complete : false
}

const problems: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'path and headers may have 16 KiB together: send less'],
  HPE_INVALID_METHOD: ['invalid_request', 'the method of the request is none of HTTP: see /openapi.json'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request did not arrive whole in time: send it again'],
}
const notHttp = ['invalid_request', 'the request is not HTTP/1.1 as RFC 9112 has it: send it anew'] as const
