import { type BackOff, backOff } from '@micropay/runtime/back-off'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { Problem } from '@micropay/schemas/api/problem'
import { Pool } from 'undici'
import { InputError } from './input-error.ts'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}
export type Request = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type LedgerClient = {
  /**
   * Sends until it is answered for good: what may pass by itself (no connection, 429, 502, 503, 504) is sent again, the
   * same bytes.
   */
  send(request: Request): Promise<Answer>
  close(): Promise<void>
}

export type LedgerClientOptions = {
  readonly url: string
  readonly accessToken: () => Promise<string>
  /** For how long one request is tried again. */
  readonly patienceMs: number
  /** Told once for each time that a request has to wait. */
  readonly onWait?: (reason: string) => void
  readonly clock?: Clock
}

/** The ledger did not answer for as long as we were told to wait. */
export class LedgerUnavailableError extends Error {
  readonly code = 'ledger_unavailable'
}

const transientStatuses = new Set([429, 502, 503, 504])
const betweenTries: BackOff = { firstMs: 100, mostMs: 3_000 }
const answerTimeoutMs = 60_000

/**
 * The public API with keep-alive connections and patience; throws LedgerUnavailableError when the patience is at its
 * end.
 */
export function connectLedger(options: LedgerClientOptions): LedgerClient {
  const { clock = systemClock, patienceMs } = options
  const pool = new Pool(originOf(options.url), {
    connections: 32,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  })

  async function once(request: Request): Promise<Answer> {
    const answer = await pool.request({
      method: request.method,
      path: request.path,
      headers: {
        authorization: `Bearer ${await options.accessToken()}`,
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      body: request.body ?? null,
    })
    return { status: answer.statusCode, headers: answer.headers, body: jsonOf(await answer.body.text()) }
  }

  async function send(request: Request): Promise<Answer> {
    const giveUpAt = clock.monotonicMs() + patienceMs
    for (let failures = 1; ; failures += 1) {
      const { answer, reason } = await attempt(request)
      if (answer && reason === undefined) return answer
      const waitMs = Math.max(backOff(failures, betweenTries), retryAfterMs(answer))
      if (clock.monotonicMs() + waitMs > giveUpAt) {
        throw new LedgerUnavailableError(
          `${options.url} did not take ${request.method} ${request.path} for ${patienceMs / 1000} s: ${reason}. Is it running?`,
        )
      }
      options.onWait?.(reason ?? 'no answer')
      await clock.sleep(waitMs)
    }
  }

  async function attempt(request: Request): Promise<{ answer?: Answer; reason?: string }> {
    try {
      const answer = await once(request)
      if (!isTransient(answer)) return { answer }
      return { answer, reason: problemOf(answer) }
    } catch (cause) {
      if (!isConnectionLoss(cause)) throw cause
      return { reason: `the connection failed (${cause.code})` }
    }
  }

  return { send, close: () => pool.destroy() }
}

/** A command that is still under way is answered 409 with a code of its own; asking again gets its outcome. */
export function isTransient(answer: Pick<Answer, 'status' | 'body'>): boolean {
  if (transientStatuses.has(answer.status)) return true
  return answer.status === 409 && Problem.safeParse(answer.body).data?.code === 'idempotency_key_in_flight'
}

/** One line about an answer that is not a success. */
export function problemOf(answer: Pick<Answer, 'status' | 'body'>): string {
  const problem = Problem.safeParse(answer.body).data
  return problem ? `${answer.status} ${problem.code}: ${problem.detail}` : `status ${answer.status}`
}

function originOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new InputError(`${url} is not an address: give one such as --url http://127.0.0.1:8080`)
  }
  return new URL(url).origin
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function retryAfterMs(answer: Answer | undefined): number {
  const seconds = Number(answer?.headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) * 1000 : 0
}

const connectionCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
])

function isConnectionLoss(cause: unknown): cause is Error & { code: string } {
  return cause instanceof Error && 'code' in cause && connectionCodes.has(String(cause.code))
}
