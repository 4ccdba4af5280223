import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import { sendProblem } from '@micropay/runtime/send-problem'
import { NO_CONNECTION } from '@micropay/runtime/tls/connector'
import { Problem, type ProblemCode, problems } from '@micropay/schemas/api/problem'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { respond } from './respond.ts'
import { type ElsewhereError, OWNED_WITHIN_MS, type Peers } from './route-commands.ts'
import { waitOf } from './wait-of.ts'

/** Says which worker passed a request on: whoever gets it passes it on to nobody. */
export const PASSED_ON = 'micropay-passed-on'

/** How a request was answered by the worker that it was passed on to. */
export type Passed = { readonly status: number; readonly headers: Headers; readonly body: string }

/** Asks the owner of a partition, whoever that is by then, until there is an answer that a caller can use. */
export type PassOn = {
  /** `isKnown`: it stands in the ledger, and is asked for what becomes of it, for as long as its caller waits. */
  ask(request: FastifyRequest, partition: number, body: string | Uint8Array, isKnown?: boolean): Promise<Passed>
  readonly clock: Clock
}

/** A partition that is handed over has an owner within some milliseconds; one whose owner died does not. */
const againAfter: BackOff = { firstMs: 10, mostMs: 50 }

/** Who has an owner waits there for what becomes of a payment, as long as they said. */
export function passedWithinMs(request: FastifyRequest): number {
  return OWNED_WITHIN_MS + (waitOf(request)?.ms ?? 0)
}

/**
 * A request has a key under which it is done once, so it is asked again where it is not known what became of it. What
 * may have counted is never told to have left nothing: ProblemError `outcome_unknown`.
 */
export function createPassOn(peers: Peers, workerId: string): PassOn {
  const { clock } = peers
  async function ask(
    request: FastifyRequest,
    partition: number,
    body: string | Uint8Array,
    isKnown = false,
  ): Promise<Passed> {
    const deadline = clock.deadline(isKnown ? GRACE_MS + (waitOf(request)?.ms ?? 0) : passedWithinMs(request))
    const headers = headersOf(request, workerId)
    let last: Passed | undefined
    let mayHaveCounted = isKnown
    let tries = 0
    while (!deadline.aborted) {
      const owner = peers.ownerOf(partition)
      if (owner) {
        const asking = watchOwner(peers, partition, owner.url)
        const signal = AbortSignal.any([deadline, asking.gone])
        const passed = await askOnce(
          peers.fetchWorker ?? fetch,
          `${owner.url}${request.url}`,
          headers,
          body,
          signal,
        ).finally(asking.end)
        if ('status' in passed) {
          if (!isToBeAskedAgain(passed, mayHaveCounted)) return passed
          if (isClosedTo(passed)) break
          last = passed
        } else {
          mayHaveCounted ||= !passed.isNotReached
        }
        peers.lookAgain()
      }
      tries += 1
      await peers.viewChanged(backOff(tries, againAfter))
    }
    const retry = { headers: { 'retry-after': '1' } }
    if (mayHaveCounted) throw new ProblemError('outcome_unknown', `the owner did not answer in time: ${again}`, retry)
    if (last) return last
    throw new ProblemError(
      'not_owner',
      `no worker had the partition in time, so this appended nothing: ${again}`,
      retry,
    )
  }
  return { ask, clock }
}

/** Aborts some time after the partition has gone elsewhere: what it was asked it may not answer any more. */
function watchOwner(peers: Peers, partition: number, url: string) {
  const gone = new AbortController()
  const ended = new AbortController()
  const watch = async () => {
    while (!ended.signal.aborted) {
      const owner = peers.ownerOf(partition)
      if (owner && owner.url !== url && (await peers.clock.sleep(GRACE_MS, ended.signal))) return gone.abort()
      await peers.viewChanged(WATCH_EVERY_MS)
    }
  }
  void watch()
  return { gone: gone.signal, end: () => ended.abort() }
}

const GRACE_MS = 500
const WATCH_EVERY_MS = 1_000

const again = 'send it again with the same key'

/** Answers a request that another worker decides as that one does; one that was passed on already goes no further. */
export async function answerElsewhere(
  passOn: PassOn | undefined,
  { partition, result }: ElsewhereError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = request.sentBody ?? (request.body instanceof Uint8Array ? request.body : undefined)
  if (!passOn || body === undefined || request.headers[PASSED_ON] !== undefined) return respond(reply, result)
  const isKnown = result.kind !== 'refused'
  try {
    const passed = await passOn.ask(request, partition, body, isKnown)
    if (isKnown && !isOfLedger(passed)) return respond(reply, result)
    for (const name of answered) {
      const value = passed.headers.get(name)
      if (value !== null) reply.header(name, value)
    }
    return await reply.code(passed.status).serializer(String).send(passed.body)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    if (isKnown) return respond(reply, result)
    return sendProblem(reply, error.problem, error.headers)
  }
}

/**
 * What stands in the ledger is never told to be unknown, or not there: who asks for it may be refused by now, as with a
 * token that has expired meanwhile. A rejection says where it stands.
 */
function isOfLedger({ status, headers }: Passed): boolean {
  return status < 400 || (status < 500 && headers.has('position'))
}

const answered = [
  ...['content-type', 'position', 'location', 'idempotent-replayed', 'retry-after', 'cache-control', 'vary'],
  'www-authenticate',
]
/** What is about one connection, or is worked out anew. */
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'host',
  'content-length',
])

function headersOf({ headers }: FastifyRequest, workerId: string): Headers {
  const passed = new Headers({ [PASSED_ON]: workerId })
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !notPassedOn.has(name)) passed.set(name, String(value))
  }
  return passed
}

async function askOnce(
  fetchWorker: typeof fetch,
  url: string,
  headers: Headers,
  body: string | Uint8Array,
  signal: AbortSignal,
): Promise<Passed | { readonly isNotReached: boolean }> {
  try {
    const sent = typeof body === 'string' ? body : new Uint8Array(body)
    const answer = await fetchWorker(url, { method: 'POST', headers, body: sent, signal, redirect: 'manual' })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
    const code = cause && 'code' in cause ? String(cause.code) : ''
    return { isNotReached: notReachedCodes.has(code) }
  }
}

const notReachedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', NO_CONNECTION])

/** One of other code may have others. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code)
}

function codeOf({ status, body }: Passed): ProblemCode | undefined {
  if (status < 400) return undefined
  try {
    const { code } = Problem.parse(JSON.parse(body))
    return isProblemCode(code) ? code : undefined
  } catch {
    return undefined
  }
}

/**
 * The partition has just gone elsewhere, that worker is ending, or our own first try is still being decided there. Once
 * that may have counted, whoever looks into no key just now says nothing of it.
 */
function isToBeAskedAgain(passed: Passed, mayHaveCounted: boolean): boolean {
  const code = codeOf(passed)
  if (code === undefined) return false
  if (mayHaveCounted && (isClosedTo(passed) || keyless.has(code))) return true
  return code === 'not_owner' || (code === 'overloaded' && passed.headers.get('connection') === 'close')
}
const keyless: ReadonlySet<ProblemCode> = new Set(['idempotency_key_in_flight', 'rate_limited', 'overloaded'])

/** It stays so for as long as anybody waits: a token has expired, or a person has to mend the ledger. */
function isClosedTo(passed: Passed): boolean {
  const code = codeOf(passed)
  return code === 'unauthenticated' || code === 'ledger_stopped'
}
