import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemOf } from '@micropay/schemas/problem'

/** Answers what is no HTTP request that Node's parser takes, before any route is looked for, with a problem like every other error; Fastify's own words would differ. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
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

const problems: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'path and headers may have 16 KiB together: send less'],
  HPE_INVALID_METHOD: ['invalid_request', 'the method of the request is none of HTTP: see /openapi.json'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request did not arrive whole in time: send it again'],
}
const notHttp = ['invalid_request', 'the request is not HTTP/1.1 as RFC 9112 has it: send it anew'] as const
