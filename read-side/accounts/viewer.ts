import { ProblemError } from '@micropay/runtime/problem-error'
import type { Caller } from '@micropay/schemas/api/token'

/**
 * Whose eyes a query is answered for: everything of the tenant, or with an `owner` what concerns that owner's accounts
 * alone.
 */
export type Viewer = { readonly tenant: string; readonly owner: string | undefined }

export function viewerOf(caller: Caller): Viewer {
  return { tenant: caller.tenant, owner: caller.scopes.has('accounts:read:any') ? undefined : caller.subject }
}

/** The same words for what does not exist and for what the caller may not see. */
export function notFound(what: 'account' | 'payment'): ProblemError {
  return new ProblemError('not_found', `there is no such ${what}, or it is not yours to see`)
}

/** What is well-formed and still makes no sense. */
export function badRequest(detail: string): ProblemError {
  return new ProblemError('invalid_request', detail)
}
