import { type BackOff, backOff } from '@micropay/runtime/back-off'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { mayPass, outcomeOf, Problem } from '@micropay/schemas/api/problem'
import { Pool } from 'undici'
import { InputError } from './input-error.ts'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  /** An earlier try of the same request may have counted: unless this tells the ledger's decision, it is not known. */
  readonly mayHaveCounted: boolean
}
export type Request = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type LedgerClient = {
  /**
   * Sends until it is answered for good: what may pass by itself is sent again, the same bytes (docs/errors.md). A lost
   * connection says no more than an outcome that is unknown.
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

/** The ledger did not answer for as long as we were told to wait, or is stopped. */
export class LedgerUnavailableError extends Error {
  readonly code = 'ledger_unavailable'

  constructor(reason: string, mayHaveCounted: boolean) {
    super(mayHaveCounted ? `${reason} ${mayCount}` : reason)
  }
}

const mayCount = 'What was sent last may have counted: run it again, with the same keys nothing happens twice.'

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

  async function once(request: Request): Promise<Told> {
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
    let mayHaveCounted = false
    for (let failures = 1; ; failures += 1) {
      const { answer, reason, arrived } = await attempt(request)
      if (answer && reason === undefined) return { ...answer, mayHaveCounted }
      mayHaveCounted ||= request.method === 'POST' && arrived
      const waitMs = Math.max(backOff(failures, betweenTries), retryAfterMs(answer))
      if (clock.monotonicMs() + waitMs > giveUpAt) {
        throw new LedgerUnavailableError(
          `${options.url} did not take ${request.method} ${request.path} for ${patienceMs / 1000} s: ${reason}. Is it running?`,
          mayHaveCounted,
        )
      }
      options.onWait?.(reason ?? 'no answer')
      await clock.sleep(waitMs)
    }
  }

  async function attempt(request: Request): Promise<Attempt> {
    try {
      const answer = await once(request)
      if (!isTransient(answer)) return { answer, arrived: true }
      return { answer, reason: problemOf(answer), arrived: saysUnknown(answer) }
    } catch (cause) {
      if (!isConnectionLoss(cause)) throw cause
      return { reason: `the connection failed (${cause.code})`, arrived: !unsentCodes.has(cause.code) }
    }
  }

  return { send, close: () => pool.destroy() }
}

type Told = Omit<Answer, 'mayHaveCounted'>
/** `reason`: why it is tried again; `arrived`: it may have counted. */
type Attempt = { readonly answer?: Told; readonly reason?: string; readonly arrived: boolean }
type Said = Pick<Answer, 'status' | 'body'>

/** The same request may be answered otherwise later: it waits for nothing that a person must do. */
export function isTransient(answer: Said): boolean {
  return answer.status >= 400 && mayPass(saidBy(answer))
}

/** It may have counted, or is being decided: only the same request with the same key tells. */
export function saysUnknown(answer: Said): boolean {
  return answer.status >= 400 && ['unknown', 'pending'].includes(outcomeOf(saidBy(answer)))
}

/** It tells no decision of the ledger. */
export function leavesOpen(answer: Said): boolean {
  return answer.status >= 400 && outcomeOf(saidBy(answer)) !== 'refused'
}

/** What was answered in no form of ours, such as a proxy's page, keeps its status. */
function saidBy({ status, body }: Said): Pick<Problem, 'status' | 'code' | 'outcome'> {
  return Problem.safeParse(body).data ?? { status, code: 'unreadable_answer' }
}

/** One line about an answer that is not a success. */
export function problemOf(answer: Said): string {
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

function retryAfterMs(answer: Told | undefined): number {
  const seconds = Number(answer?.headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) * 1000 : 0
}

/** There was no connection, so nothing was sent. */
const unsentCodes = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])
const connectionCodes = new Set([
  ...unsentCodes,
  ...[
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ],
])

function isConnectionLoss(cause: unknown): cause is Error & { code: string } {
  return cause instanceof Error && 'code' in cause && connectionCodes.has(String(cause.code))
}
