import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { systemClock } from './clock.ts'
import { ItemsError, MOST_PARSED_BYTES, parseItems } from './json-items.ts'
import { ProblemError } from './problem-error.ts'

/** Takes bodies of JSON in UTF-8, none of which is compressed: the small ones whole, others where a route says how. */
export function takeJson(app: Pick<FastifyInstance, 'addContentTypeParser' | 'getDefaultJsonParser'>): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const problem = bodyProblem(request, body)
    if (problem) return done(problem)
    const parse = (text: string): unknown => {
      let result: unknown
      parseJson(request, text, (error, parsed) => {
        if (error) throw refusedName(text) ?? error
        result = parsed
      })
      return result
    }
    parseBody(request, body, parse).then((parsed) => done(null, parsed), done)
  })
}

/** What is larger is read item by item where the route says which, and not at all elsewhere. */
async function parseBody(request: FastifyRequest, body: Buffer, parse: (text: string) => unknown): Promise<unknown> {
  if (body.byteLength <= MOST_PARSED_BYTES) {
    request.sentBody = body
    return parse(body.toString('utf8'))
  }
  const { items } = request.routeOptions.config
  if (!items) throw new ProblemError('body_too_large', 'send a smaller body, or several')
  return parseItems(body, { ...items, parse, clock: systemClock }).catch((error: unknown) => {
    if (!(error instanceof ItemsError)) throw error
    const { code, pointer, message } = error
    if (pointer === undefined) throw new ProblemError(code, message)
    const errors = [{ pointer, detail: message }]
    throw new ProblemError(code, `${pointer === '' ? 'the body' : pointer} ${message}`, { errors })
  })
}

/** JSON is UTF-8 (RFC 8259, 8.1): other bytes would become other characters of a text that the ledger keeps. */
function bodyProblem(request: FastifyRequest, body: Uint8Array): ProblemError | undefined {
  if (isEncoded(request)) return new ProblemError('unsupported_media_type', notEncoded)
  return isUtf8(body) ? undefined : new ProblemError('malformed_json', notJson)
}

/** Why a text that is JSON was not taken: a name that could change objects other than the one it stands in. */
function refusedName(text: string): ProblemError | undefined {
  const names: string[] = []
  try {
    JSON.parse(text, (name, value: unknown) => {
      const isConstructor = name === 'constructor' && value instanceof Object && Object.hasOwn(value, 'prototype')
      if (name === '__proto__' || isConstructor) names.push(name)
      return value
    })
  } catch {
    return undefined
  }
  if (names[0] === undefined) return undefined
  return new ProblemError('invalid_request', `"${names[0]}" is not taken as a name: leave it out, or give it another`)
}

/** Whether a body is compressed, which no service of ours takes: limits count what is sent. */
export function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && encoding.toLowerCase() !== 'identity'
}

export const notEncoded = 'send the body as it is, without Content-Encoding'
export const notJson = 'the body is not JSON in UTF-8: send it so'
