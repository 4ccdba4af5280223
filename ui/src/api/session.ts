import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import { type Scope, Session, SignedOut } from '@micropay/schemas/api/token'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'
import { ProblemError } from './problem.ts'

export const sessionKey = ['session'] as const

/** Who is signed in, or null when nobody is. */
export function sessionQuery(client: Client) {
  return queryOptions({
    queryKey: sessionKey,
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return (await client.read('/session', Session, signal)).value
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status === 401) return null
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function allows(session: Session, scope: Scope): boolean {
  return session.scopes.includes(scope)
}

/** Someone with accounts of their own, rather than someone who looks after everybody's. */
export function isCustomer(session: Session): boolean {
  return allows(session, 'payments:make') || (allows(session, 'accounts:read') && !allows(session, 'accounts:read:any'))
}

/** Where the browser goes to sign in, and comes back from. */
export function signInUrl(returnTo: string): string {
  return `/session/login?returnTo=${encodeURIComponent(returnTo)}`
}

/** Where the browser goes to have a payment confirmed by its person, and comes back from. */
export function confirmUrl(details: readonly PaymentDetail[], returnTo: string): string {
  return `/session/confirm?${new URLSearchParams({ details: JSON.stringify(details), returnTo })}`
}

/** Signs out here, and says where the browser goes to sign out at the issuer, if that has such a place. */
export async function logOut(client: Client): Promise<string | undefined> {
  return SignedOut.safeParse(await client.post('/session/logout')).data?.endSessionUrl
}
