import type { Problem } from '@micropay/schemas/api/problem'
import { mayRetry } from './problem.ts'

/**
 * One thing that a person wants to happen once, and the key that makes it happen at most once. Sending it again, after
 * a lost answer or a second click, reuses the key; another wish gets another key.
 */
export type Intent<Request> = { readonly key: string; readonly request: Request }

export type IntentState<Request, Answer> =
  | { readonly kind: 'submitted'; readonly intent: Intent<Request> }
  | { readonly kind: 'done'; readonly intent: Intent<Request>; readonly answer: Answer }
  /** Nobody knows yet whether it happened, or it was not taken on: the same request with the same key is safe. */
  | { readonly kind: 'unsettled'; readonly intent: Intent<Request>; readonly problem: Problem }
  /** It did not happen, and will not with this key. */
  | { readonly kind: 'refused'; readonly intent: Intent<Request>; readonly problem: Problem }

/** The intent to submit: the one under way when it asks for the same thing and is not settled, or else a new one. */
export function intentFor<Request, Answer>(
  current: IntentState<Request, Answer> | undefined,
  request: Request,
  newKey: () => string,
): Intent<Request> {
  const pending = current?.kind === 'submitted' || current?.kind === 'unsettled'
  if (pending && JSON.stringify(current.intent.request) === JSON.stringify(request)) return current.intent
  return { key: newKey(), request }
}

export function submitted<Request, Answer>(intent: Intent<Request>): IntentState<Request, Answer> {
  return { kind: 'submitted', intent }
}

export function answered<Request, Answer>(intent: Intent<Request>, answer: Answer): IntentState<Request, Answer> {
  return { kind: 'done', intent, answer }
}

export function failed<Request, Answer>(intent: Intent<Request>, problem: Problem): IntentState<Request, Answer> {
  return { kind: settles(problem) ? 'refused' : 'unsettled', intent, problem }
}

/** A lost or unreadable answer settles nothing, and neither does a session that ended under way. */
function settles(problem: Problem): boolean {
  return !mayRetry(problem) && problem.code !== 'unauthenticated' && problem.code !== 'csrf_token_invalid'
}
