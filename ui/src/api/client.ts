import type { z } from 'zod'
import { type Freshness, freshnessOf, type Reading } from './freshness.ts'
import type { OwnWrites } from './own-writes.ts'
import { ProblemError, problemFrom, unreachable } from './problem.ts'
import { readLines } from './read-lines.ts'
import { Waiting, WaitsForApproval } from './waiting.ts'

/** The one way to the gateway: reads say what they reflect, commands carry a key, and every body is parsed. */
export type Client = {
  read<Schema extends z.ZodType>(path: string, schema: Schema, signal?: AbortSignal): Promise<Reading<z.infer<Schema>>>
  /** Throws ProblemError, and WaitsForApproval for one that needs a second person. */
  command<Schema extends z.ZodType>(command: Command<Schema>): Promise<Decided<z.infer<Schema>>>
  /** An answer that comes line by line while it is being made. */
  lines<Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal): AsyncIterable<z.infer<Schema>>
  /** A POST that is no ledger command, so without a key: what it answers as JSON, or undefined. */
  post(path: string): Promise<unknown>
}

export type Command<Schema extends z.ZodType> = {
  readonly path: string
  readonly body?: unknown
  /** A file instead of a JSON body. */
  readonly xml?: Blob
  readonly idempotencyKey: string
  readonly schema: Schema
}

/** What a command's answer says: the outcome, and where it stands in the ledger (null for a dry run). */
export type Decided<T> = { readonly value: T; readonly position: string | null; readonly replayed: boolean }

export type ClientOptions = {
  readonly fetch: typeof fetch
  readonly ownWrites: OwnWrites
  readonly csrfToken: () => string | undefined
  /** Whether somebody is before the page: what it asks by itself does not keep a session from ending. */
  readonly isAttended: () => boolean
  readonly nowMs: () => number
}

export function createClient(options: ClientOptions): Client {
  const ask: typeof fetch = (path, init) => options.fetch(path, options.isAttended() ? init : unattended(init))
  const send = async (path: string, init: RequestInit): Promise<{ response: Response; body: string }> => {
    let response: Response
    let body: string
    try {
      response = await ask(path, { credentials: 'same-origin', cache: 'no-store', ...init })
      body = await response.text()
    } catch (error) {
      if (init.signal?.aborted) throw error
      throw unreachable()
    }
    if (response.ok) return { response, body }
    const problem = problemFrom(response.status, body)
    options.ownWrites.note(problem.position ?? response.headers.get('position'))
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
    throw new ProblemError(problem, Number.isFinite(retryAfter) ? retryAfter : undefined)
  }
  const csrf = (): Record<string, string> => {
    const token = options.csrfToken()
    return token === undefined ? {} : { 'x-csrf-token': token }
  }
  return {
    async read(path, schema, signal) {
      const atLeast = options.ownWrites.atLeast()
      const headers = { accept: 'application/json', ...(atLeast ? { 'at-least': atLeast, prefer: 'wait=5' } : {}) }
      const { response, body } = await send(path, { headers, ...(signal ? { signal } : {}) })
      const freshness: Freshness = freshnessOf(response.headers, options.nowMs())
      return { value: parsed(schema, body), freshness }
    },
    async command({ path, body, xml, idempotencyKey, schema }) {
      const type = xml === undefined ? 'application/json' : 'application/xml'
      const headers = { 'content-type': type, 'idempotency-key': idempotencyKey, ...csrf() }
      const answer = await send(path, { method: 'POST', headers, body: xml ?? JSON.stringify(body) })
      const position = answer.response.headers.get('position')
      options.ownWrites.note(position)
      const waiting = Waiting.safeParse(jsonIn(answer.body))
      if (waiting.success) throw new WaitsForApproval(waiting.data)
      return {
        value: parsed(schema, answer.body),
        position,
        replayed: answer.response.headers.get('idempotent-replayed') === 'true',
      }
    },
    lines: (path, schema, signal) => readLines(ask, path, schema, signal),
    async post(path) {
      const { body } = await send(path, { method: 'POST', headers: csrf() })
      return body === '' ? undefined : jsonIn(body)
    },
  }
}

function unattended(init: RequestInit = {}): RequestInit {
  const headers = new Headers(init.headers)
  headers.set('x-unattended', '?1')
  return { ...init, headers }
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: string): z.infer<Schema> {
  const result = schema.safeParse(jsonIn(body))
  if (!result.success) throw misread()
  return result.data
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw misread()
  }
}

function misread(): ProblemError {
  return new ProblemError({
    type: 'about:blank',
    title: 'The answer could not be read',
    status: 0,
    code: 'misread_answer',
    detail: 'The server answered in a form that this page does not know; it may have been updated. Reload the page.',
  })
}
