import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyRequest } from 'fastify'
import { BodyTooLargeError, BodyTooSlowError } from './limit-body.ts'
import { codeOf, noAnswerCodes, notReachedCodes } from './no-answer.ts'

/** Whoever asked went away before there was an answer: nobody is to be told. */
export class CallerGoneError extends Error {}

/** The time that its kind of traffic has was over before the answer began. */
export class TooLateError extends Error {
  readonly code = 'too_late'
}

/** Its breaker is open, so it was not asked, or a read that it had is not waited for. */
export class UpstreamAwayError extends Error {
  readonly code = 'upstream_away'
  constructor(service: string) {
    super(`${service} has not answered for a while, and is not asked until it does: send it again`)
  }
}

function awayProblem({ message }: UpstreamAwayError): ProblemError {
  return new ProblemError('upstream_away', message, { headers: { 'retry-after': '2' } })
}

const sendAgain = 'the request may have counted: send it again with the same Idempotency-Key'

/** This gateway ended while it waited. */
export class ClosingError extends Error {}

/** What a caller is told whose request had no place yet, so that nobody was asked: what the share says, or why not. */
export function notAskedFor(cause: unknown, service: string): unknown {
  if (cause instanceof TooLateError) {
    const detail = `${service} was too busy to be asked in time: send it again`
    return new ProblemError('overloaded', detail, { headers: { 'retry-after': '1' } })
  }
  if (cause instanceof UpstreamAwayError) return awayProblem(cause)
  if (!(cause instanceof ClosingError)) return cause
  const headers = { 'retry-after': '1', connection: 'close' }
  return new ProblemError('overloaded', 'this gateway is shutting down: send it again', { headers })
}

function closingProblem(service: string, { method }: FastifyRequest): ProblemError {
  const before = `this gateway is shutting down, and ${service} has not answered yet`
  const headers = { 'retry-after': '1', connection: 'close' }
  return method === 'POST'
    ? new ProblemError('outcome_unknown', `${before}: ${sendAgain}`, { headers })
    : new ProblemError('overloaded', `${before}: send it again`, { headers })
}

/** What a caller is told of a service that gave no answer; any other error stays what it is. */
export function problemOfFailure(cause: unknown, service: string, request: FastifyRequest): unknown {
  if (isOfBody(cause)) return new ProblemError(cause.code, cause.message, { headers: { connection: 'close' } })
  if (cause instanceof ClosingError) return closingProblem(service, request)
  if (cause instanceof UpstreamAwayError) return awayProblem(cause)
  const code = codeOf(cause)
  const timedOut = timeCodes.has(code)
  if (!timedOut && !noAnswerCodes.has(code) && !/^(UND_ERR|ERR_TLS|ERR_SSL)/.test(code)) return cause
  request.log.warn({ err: cause, upstream: service, path: request.routeOptions.url }, 'a service does not answer')
  const more = { headers: { 'retry-after': '1' }, traceId: request.id }
  if (notReachedCodes.has(code)) {
    return new ProblemError('upstream_unreachable', `${service} cannot be reached: try again`, more)
  }
  if (request.method !== 'POST') {
    return new ProblemError('upstream_unavailable', `${service} does not answer: try again`, more)
  }
  return timedOut
    ? new ProblemError('outcome_unknown', `${service} did not answer in time, and ${sendAgain}`, more)
    : new ProblemError('upstream_unavailable', `${service} broke off before it answered, and ${sendAgain}`, more)
}

/** It was the sender's doing, and the service was never asked for anything whole. */
export function isOfBody(error: unknown): error is BodyTooLargeError | BodyTooSlowError {
  return error instanceof BodyTooLargeError || error instanceof BodyTooSlowError
}

/** What ended on this side says nothing of the service. */
export function isOfService(error: unknown): boolean {
  const isOurs = error instanceof CallerGoneError || error instanceof ClosingError || error instanceof UpstreamAwayError
  return !isOurs && !isOfBody(error)
}

const timeCodes = new Set(['too_late', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
