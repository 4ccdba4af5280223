import { z } from 'zod'
import { RefusalCause, type RejectionCode } from '../log/rejection.ts'
import { PaymentDetail } from './confirmation.ts'
import { requestWords } from './request-words.ts'

/**
 * What became of a command that was answered with a problem. It speaks of the request that it answers: who was told
 * `unknown` or `pending` of a key once keeps to that, whatever a retry is refused with, until the ledger's decision is
 * told.
 */
export const Outcome = z.enum(['none', 'unknown', 'pending', 'refused'])
export type Outcome = z.infer<typeof Outcome>

const outcomes: Readonly<Record<Outcome, string>> = {
  none: 'this request appended nothing, and never will',
  unknown: 'it may have counted: the same request with the same key is told, and never happens twice',
  pending: 'it is being decided: the same request with the same key is told after Retry-After',
  refused: 'the ledger decided against it; the same key is refused alike',
}

/** `passes`: the very same request may be taken later, though nobody changes anything. */
type ProblemKind = { readonly status: number; readonly title: string; readonly passes?: true }

const nothingAppended = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not have the required shape' },
  legs_unbalanced: { status: 400, title: 'The legs do not sum to zero in each currency' },
  account_on_both_sides: { status: 400, title: 'An account stands on both sides of the payment' },
  idempotency_key_missing: { status: 400, title: 'The Idempotency-Key header is missing' },
  logout_token_invalid: { status: 400, title: 'The logout token is not accepted' },
  logout_failed: { status: 400, title: 'The sessions could not be ended everywhere' },
  unauthenticated: { status: 401, title: 'No valid token' },
  payment_not_confirmed: { status: 401, title: 'Who pays has to confirm this first' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  csrf_token_invalid: { status: 403, title: 'The request did not come from this site' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  request_timeout: { status: 408, title: 'The request did not arrive in time', passes: true },
  generation_not_raised: { status: 409, title: 'The ledger is written in a generation that has no words for this' },
  rebuild_in_progress: { status: 409, title: 'A rebuild is already under way' },
  parked_outdated: { status: 409, title: 'What the parked message says does not hold any more' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not of a media type that is taken here' },
  idempotency_key_reused: { status: 422, title: 'The key was used for another request' },
  statement_unreadable: { status: 422, title: 'The file is no statement that can be read' },
  statement_does_not_add_up: { status: 422, title: 'The statement does not add up' },
  rate_limited: { status: 429, title: 'Too many requests', passes: true },
  headers_too_large: { status: 431, title: 'Path and headers are too large' },
  decision_failed: { status: 500, title: 'The command could not be decided' },
  upstream_unreachable: { status: 502, title: 'A service behind the gateway cannot be reached', passes: true },
  upstream_away: { status: 503, title: 'A service behind the gateway has not answered for a while', passes: true },
  overloaded: { status: 503, title: 'The queue is full', passes: true },
  not_owner: { status: 503, title: 'No worker owns this partition right now', passes: true },
  ledger_stopped: { status: 503, title: 'The ledger stopped, and decides nothing until that is mended' },
  inbox_unavailable: { status: 503, title: 'Messages between partitions are out of reach', passes: true },
  projection_behind: { status: 503, title: 'The read model has not reached that position yet', passes: true },
} as const satisfies Record<string, ProblemKind>

const mayHaveCounted = {
  internal: { status: 500, title: 'Something went wrong on our side', passes: true },
  upstream_unavailable: { status: 502, title: 'A service behind the gateway does not answer', passes: true },
  outcome_unknown: { status: 504, title: 'The log did not say in time whether the command counts', passes: true },
} as const satisfies Record<string, ProblemKind>

const beingDecided = {
  idempotency_key_in_flight: { status: 409, title: 'The first request with this key is still under way', passes: true },
} as const satisfies Record<string, ProblemKind>

/** What the ledger decided against: the refusal has a position, and the same key gets it again. */
export const rejectionProblems = {
  account_exists: { status: 409, title: 'An account with this id exists already' },
  opening_in_future: { status: 422, title: 'The account would open on a day that has not come' },
  account_not_found: { status: 404, title: 'No such account' },
  account_closed: { status: 422, title: 'The account is closed' },
  account_frozen: { status: 422, title: 'The account is frozen' },
  account_not_frozen: { status: 422, title: 'The account is not frozen' },
  account_not_empty: { status: 422, title: 'The account still holds money, or owes some' },
  account_not_of_house: { status: 422, title: 'The account is not one of the house' },
  payee_not_payable: { status: 422, title: 'This account cannot be paid' },
  currency_mismatch: { status: 422, title: 'The account holds another currency' },
  value_date_not_today: { status: 422, title: 'A payment of your own counts from today' },
  value_date_in_future: { status: 422, title: 'The value date is a day that has not come' },
  period_closed: { status: 422, title: 'The value date lies in a closed period' },
  value_date_before_opening: { status: 422, title: 'The account was not open on that day' },
  insufficient_funds: { status: 422, title: 'The account does not hold enough' },
  balance_overflow: { status: 422, title: 'The balance would leave the range that the ledger can hold' },
  assertion_failed: { status: 422, title: 'The account does not stand where the payment says' },
  statement_wrong_account: { status: 422, title: 'The statement belongs to another account' },
  statement_already_imported: { status: 409, title: 'This statement was imported before' },
  payee_exists: { status: 409, title: 'You have a payee of this name already' },
  payee_not_found: { status: 404, title: 'You have no such payee' },
  too_many_payees: { status: 422, title: 'You have as many payees as one can have' },
  period_in_future: { status: 422, title: 'The period is not over yet' },
  period_already_closed: { status: 409, title: 'The period is closed already' },
  period_gap: { status: 422, title: 'The period does not begin where the last closed one ends' },
  period_not_reached: { status: 409, title: 'The ledger has not come to where the figures were read' },
  period_changed: { status: 409, title: 'Something was booked into the period since its figures were read' },
  period_not_closed: { status: 404, title: 'No period is closed' },
  period_not_last: { status: 422, title: 'Only the last closed period can be reopened' },
  proposal_not_found: { status: 404, title: 'No such proposal' },
  proposal_decided: { status: 409, title: 'The proposal was decided before' },
  proposal_lapsed: { status: 409, title: 'The proposal lapsed before anybody decided it' },
  proposal_changed: { status: 409, title: 'The proposal is not what was looked at' },
  approval_by_maker: { status: 403, title: 'A second person must approve it' },
  payment_not_found: { status: 404, title: 'No such payment' },
  refund_not_possible: { status: 422, title: 'There is nothing to give back' },
  refund_before_payment: { status: 422, title: 'It would go back before it was paid' },
  refund_exceeds_payment: { status: 422, title: 'It is more than is left to give back' },
  statement_not_found: { status: 404, title: 'No such statement' },
  statement_withdrawn: { status: 409, title: 'The statement was withdrawn before' },
  payee_checks_exceeded: { status: 422, title: 'You have checked as many names as one can in a day' },
  payment_cancelled: { status: 422, title: 'The payment was cancelled while it was open' },
  payment_expired: { status: 422, title: 'The payment did not come about in time' },
  payment_not_open: { status: 409, title: 'The payment is not open' },
  period_closing: { status: 409, title: 'A period is being closed' },
  period_not_closing: { status: 409, title: 'The period is not being closed' },
  period_called_off: { status: 409, title: 'Somebody called the closing off' },
  period_not_sealed: { status: 409, title: 'Not every partition could seal the period in time' },
} as const satisfies Record<RejectionCode, ProblemKind>

/** Every code, by what became of the command that it is told of. */
export const problemsByOutcome = {
  none: nothingAppended,
  unknown: mayHaveCounted,
  pending: beingDecided,
  refused: rejectionProblems,
} as const satisfies Record<Outcome, Record<string, ProblemKind>>

const describedOutcome = `What became of the command, absent where a GET is answered. ${Outcome.options
  .map((outcome) => `${outcome}: ${outcomes[outcome]}.`)
  .join(' ')}`
const describedCodes = Outcome.options
  .map((outcome) => `${outcome}: ${Object.keys(problemsByOutcome[outcome]).join(', ')}.`)
  .join(' ')

/**
 * An error answer, RFC 9457 `application/problem+json`: `detail` says what to do, `errors` points into the request (RFC
 * 6901).
 */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: `By outcome, ${describedCodes}` }),
    detail: z.string(),
    outcome: Outcome.optional().meta({ description: describedOutcome }),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    position: z.string().optional().meta({ description: 'Where a refused command stands in the ledger.' }),
    cause: RefusalCause.optional().meta({
      description: 'Why a command was refused that somebody approves: what its giver is not told.',
    }),
    authorizationDetails: z.array(PaymentDetail).optional().meta({
      description:
        'What who pays has to confirm at the issuer (RFC 9396), by whose token the same request goes through.',
    }),
    traceId: z.string().optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

export type ProblemCode = { [Each in Outcome]: keyof (typeof problemsByOutcome)[Each] }[Outcome]
export const problems: Readonly<Record<ProblemCode, ProblemKind>> = {
  ...nothingAppended,
  ...mayHaveCounted,
  ...beingDecided,
  ...rejectionProblems,
}
const known: ReadonlyMap<string, ProblemKind & { readonly outcome: Outcome }> = new Map(
  Outcome.options.flatMap((outcome) =>
    Object.entries<ProblemKind>(problemsByOutcome[outcome]).map(([code, kind]) => [code, { ...kind, outcome }]),
  ),
)

type ProblemDetails = Pick<Problem, 'errors' | 'position' | 'cause' | 'authorizationDetails' | 'traceId'>

/** Builds the answer for one code; `detail` must tell the reader what to do next. */
export function problemOf(code: ProblemCode, detail: string, more: ProblemDetails = {}): Problem {
  const { status, title } = problems[code]
  return { type: `urn:micropay:problem:${code}`, title, status, code, detail, outcome: outcomeOf({ code }), ...more }
}

/** What is wrong with one member of a request; a schema's `params` may name a code of the catalogue for it. */
export type RequestError = { readonly pointer: string; readonly detail: string; readonly params: unknown }

/** The answer to a request that does not have the required shape: the first error names it. */
export function problemOfErrors(found: readonly RequestError[]): Problem {
  const errors = found.map(({ pointer, detail }) => ({ pointer, detail: requestWords(detail) }))
  const [first] = errors
  const code = NamedCode.safeParse(found[0]?.params).data?.code ?? 'invalid_request'
  return problemOf(code, `${first?.pointer ? `${first.pointer} ` : ''}${first?.detail ?? 'see errors'}`, { errors })
}

const NamedCode = z.object({ code: z.enum(['legs_unbalanced', 'account_on_both_sides'] satisfies ProblemCode[]) })

/** What became of a command that got this answer. What nobody of ours said leaves it unknown. */
export function outcomeOf({ code, outcome }: Pick<Problem, 'code' | 'outcome'>): Outcome {
  return outcome ?? known.get(code)?.outcome ?? 'unknown'
}

const passingStatuses = new Set([0, 408, 429])

/**
 * Whether the very same request with the same key may be answered otherwise later, with nothing changed by a person.
 */
export function mayPass({ code, status }: Pick<Problem, 'code' | 'status'>): boolean {
  const kind = known.get(code)
  return kind ? kind.passes === true : status >= 500 || passingStatuses.has(status)
}
