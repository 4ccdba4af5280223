import { mayPass, Problem, rejectionProblems } from '@micropay/schemas/api/problem'

/**
 * What an answer that is no success says, as an Error: the problem that the server sent, or one that stands for its
 * silence.
 */
export class ProblemError extends Error {
  readonly problem: Problem
  /** Seconds that the server asks to wait before the next try. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Reads an RFC 9457 body; a proxy's page or an empty body becomes a problem that says what to do, too. */
export function problemFrom(status: number, body: string): Problem {
  const parsed = Problem.safeParse(jsonOf(body))
  if (parsed.success) return parsed.data
  return {
    type: 'about:blank',
    title: status >= 500 ? 'The service does not answer' : 'The request was not accepted',
    status,
    code: 'unreadable_answer',
    detail:
      `The server answered ${status} without saying why. ` +
      'Try again; if it stays so, tell whoever runs this MicroPay.',
  }
}

/** The request never got an answer: it may or may not have arrived. */
export function unreachable(): ProblemError {
  return new ProblemError({
    type: 'about:blank',
    title: 'No connection',
    status: 0,
    code: 'unreachable',
    detail: 'MicroPay could not be reached. Check the connection and try again.',
  })
}

/** Any thrown value as something that a page can show. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return {
    type: 'about:blank',
    title: 'This page stumbled',
    status: 0,
    code: 'page_failed',
    detail: 'Something in this page went wrong, not in the ledger. Reload the page to go on.',
  }
}

/** The ledger decided against it, or would: a dry run's refusal has no position. */
export function isRefusal(problem: Problem): boolean {
  return Object.hasOwn(rejectionProblems, problem.code)
}

/** Sending the very same request with the same key may end it; nothing in it has to change. */
export function mayRetry(problem: Problem): boolean {
  return mayPass(problem)
}

/**
 * The problem in words for customers. Why the ledger stopped is for those who run it; to a customer it says nothing but
 * that it is none of their doing.
 */
export function inWordsForCustomers(problem: Problem): Problem {
  if (problem.code !== 'ledger_stopped') return problem
  return {
    ...problem,
    title: 'Payments are stopped at the moment',
    detail: 'Payments are stopped at the moment; this try moved no money. Try again later.',
  }
}

/** The message for one field, found by its JSON pointer's beginning. */
export function fieldErrorOf(problem: Problem | undefined, pointer: string): string | undefined {
  return problem?.errors?.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))?.detail
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
