import { mayPass, outcomeOf, type Problem } from '@micropay/schemas/api/problem'
import { problemOfError } from './problem.ts'
import { type Waiting, waitingIn } from './waiting.ts'

/**
 * One thing that a person wants to happen once, and the key that makes it happen at most once. Sending it again, after
 * a lost answer or a second click, reuses the key; another wish gets another key.
 */
export type Intent<Request> = { readonly key: string; readonly request: Request }

export type IntentState<Request, Answer> =
  /** `mayHaveCounted`: an earlier try of the same intent left its outcome unknown. */
  | { readonly kind: 'submitted'; readonly intent: Intent<Request>; readonly mayHaveCounted: boolean }
  | { readonly kind: 'done'; readonly intent: Intent<Request>; readonly answer: Answer }
  | FailedIntent<Request>

export type FailedIntent<Request> = { readonly intent: Intent<Request>; readonly problem: Problem } & (
  | {
      /** Nobody knows yet whether it happened: the same request with the same key tells, and never happens twice. */
      readonly kind: 'unsettled'
    }
  | {
      /** It was not taken on, so nothing happened; the same request with the same key may be, later. */
      readonly kind: 'turned away'
    }
  | {
      /** It did not happen, and will not with this key. */
      readonly kind: 'refused'
    }
  | {
      /** It was taken, and happens once a second person has approved it; the same key is told the same. */
      readonly kind: 'waiting'
      readonly waiting: Waiting
    }
)

/** The intent to submit: the one under way when it asks for the same thing and is not settled, or else a new one. */
export function intentFor<Request, Answer>(
  current: IntentState<Request, Answer> | undefined,
  request: Request,
  newKey: () => string,
): Intent<Request> {
  const isOpen = current !== undefined && current.kind !== 'done' && current.kind !== 'refused'
  if (isOpen && JSON.stringify(current.intent.request) === JSON.stringify(request)) return current.intent
  return { key: newKey(), request }
}

/** `before` is how things stood, for an intent that is sent again. */
export function submitted<Request, Answer>(
  intent: Intent<Request>,
  before?: IntentState<Request, Answer>,
): IntentState<Request, Answer> {
  return { kind: 'submitted', intent, mayHaveCounted: before?.intent.key === intent.key && leavesUnknown(before) }
}

export function answered<Request, Answer>(intent: Intent<Request>, answer: Answer): IntentState<Request, Answer> {
  return { kind: 'done', intent, answer }
}

/** What an intent that was sent has come to. A retry that was turned away says nothing of the try before it. */
export function failed<Request, Answer>(
  intent: Intent<Request>,
  problem: Problem,
  before?: IntentState<Request, Answer>,
): FailedIntent<Request> {
  const outcome = outcomeOf(problem)
  if (outcome === 'refused') return { kind: 'refused', intent, problem }
  const wasUnknown = before?.intent.key === intent.key && leavesUnknown(before)
  if (outcome !== 'none' || wasUnknown) return { kind: 'unsettled', intent, problem }
  return { kind: mayPass(problem) || waitsForAPerson.has(problem.code) ? 'turned away' : 'refused', intent, problem }
}

/** What an intent has come to that was not answered with its outcome: it failed, or it waits. */
export function unanswered<Request, Answer>(
  intent: Intent<Request>,
  error: unknown,
  before?: IntentState<Request, Answer>,
): FailedIntent<Request> {
  const waiting = waitingIn(error)
  const problem = problemOfError(error)
  return waiting ? { kind: 'waiting', intent, problem, waiting } : failed(intent, problem, before)
}

function leavesUnknown(state: IntentState<unknown, unknown>): boolean {
  return state.kind === 'unsettled' || (state.kind === 'submitted' && state.mayHaveCounted)
}

/** Nothing is wrong with the request: once a person has signed in, confirmed it or mended things, it is the same. */
const waitsForAPerson = new Set(['unauthenticated', 'payment_not_confirmed', 'csrf_token_invalid', 'ledger_stopped'])

/** In a sentence, what became of it, for whoever pressed the button. */
export function whatBecameOf<Request>({ kind, problem }: FailedIntent<Request>): string {
  if (kind === 'refused' || kind === 'waiting') return problem.title
  if (kind === 'turned away') return 'Nothing happened. It is safe to press again.'
  return outcomeOf(problem) === 'pending'
    ? 'It is being decided. Press again in a moment: it never happens twice.'
    : 'We do not know yet whether it happened. Press again: it never happens twice.'
}
