import { z } from 'zod'
import type { RejectionCode } from '../log/rejection.ts'

/**
 * An error answer, RFC 9457 `application/problem+json`: `detail` says what to do, `errors` points into the request (RFC
 * 6901).
 */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    position: z.string().optional().meta({ description: 'Where a refused command stands in the ledger.' }),
    traceId: z.string().optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

type ProblemKind = { readonly status: number; readonly title: string }

/** What never reached a decision: nothing was appended, and the same request may be sent again. */
export const requestProblems = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not have the required shape' },
  idempotency_key_missing: { status: 400, title: 'The Idempotency-Key header is missing' },
  unauthenticated: { status: 401, title: 'No valid token' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  csrf_token_invalid: { status: 403, title: 'The request did not come from this site' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  idempotency_key_in_flight: { status: 409, title: 'The first request with this key is still under way' },
  rebuild_in_progress: { status: 409, title: 'A rebuild is already under way' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not of a media type that is taken here' },
  idempotency_key_reused: { status: 422, title: 'The key was used for another request' },
  statement_unreadable: { status: 422, title: 'The file is no statement that can be read' },
  statement_does_not_add_up: { status: 422, title: 'The statement does not add up' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'Path and headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  upstream_unavailable: { status: 502, title: 'A service behind the gateway does not answer' },
  overloaded: { status: 503, title: 'The queue is full' },
  ledger_stopped: { status: 503, title: 'The ledger stopped and waits for a person' },
  not_owner: { status: 503, title: 'No worker owns this partition right now' },
  projection_behind: { status: 503, title: 'The read model has not reached that position yet' },
  outcome_unknown: { status: 504, title: 'The log did not say in time whether the command counts' },
} as const satisfies Record<string, ProblemKind>

/** What the ledger decided against: the refusal has a position, and the same key gets it again. */
export const rejectionProblems = {
  account_exists: { status: 409, title: 'An account with this id exists already' },
  account_not_found: { status: 404, title: 'No such account' },
  account_closed: { status: 422, title: 'The account is closed' },
  account_frozen: { status: 422, title: 'The account is frozen' },
  account_not_frozen: { status: 422, title: 'The account is not frozen' },
  account_not_empty: { status: 422, title: 'The account still holds money, or owes some' },
  currency_mismatch: { status: 422, title: 'The account holds another currency' },
  insufficient_funds: { status: 422, title: 'The account does not hold enough' },
  balance_overflow: { status: 422, title: 'The balance would leave the range that the ledger can hold' },
  statement_wrong_account: { status: 422, title: 'The statement belongs to another account' },
  statement_already_imported: { status: 409, title: 'This statement was imported before' },
  payee_exists: { status: 409, title: 'You have a payee of this name already' },
  payee_not_found: { status: 404, title: 'You have no such payee' },
  too_many_payees: { status: 422, title: 'You have as many payees as one can have' },
} as const satisfies Record<RejectionCode, ProblemKind>

export const problems: Readonly<Record<ProblemCode, ProblemKind>> = { ...requestProblems, ...rejectionProblems }
export type ProblemCode = keyof typeof requestProblems | RejectionCode

type ProblemDetails = Pick<Problem, 'errors' | 'position' | 'traceId'>

/** Builds the answer for one code; `detail` must tell the reader what to do next. */
export function problemOf(code: ProblemCode, detail: string, more: ProblemDetails = {}): Problem {
  const { status, title } = problems[code]
  return { type: `urn:micropay:problem:${code}`, title, status, code, detail, ...more }
}
