import type { StepUp } from '@micropay/runtime/step-up'
import { PaymentDetail } from '@micropay/schemas/api/confirmation'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Authenticator } from './authenticate.ts'
import { type Confirming, SignInRefusedError, type Tokens } from './identity-provider.ts'
import type { Sealed, SessionData, Sessions } from './sessions.ts'

/** What an address of a browser holds, and a page shows. */
const MOST_DETAILS = 20
const Query = z.object({
  details: z
    .string()
    .max(8000)
    .transform((text, context) => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' })
        return z.NEVER
      }
    })
    .pipe(z.array(PaymentDetail).min(1).max(MOST_DETAILS)),
})

/**
 * How the person of a session confirms a payment at the issuer: whom they are to be, and what they are to see there.
 * Throws SignInRefusedError for what another site asked for, or nobody could show.
 */
export function confirmingOf(request: FastifyRequest, session: SessionData, stepUp: StepUp): Confirming {
  if (request.headers['sec-fetch-site'] === 'cross-site') throw new SignInRefusedError('another site asked for it')
  const query = Query.safeParse(request.query)
  if (!query.success) throw new SignInRefusedError('what is to be confirmed cannot be read')
  return { details: query.data.details, acrValues: stepUp.acrValues, subject: session.subject }
}

/**
 * The session that asked for the confirmation, with the token that says what was confirmed. Throws SignInRefusedError
 * where somebody else has confirmed it, or another session is in the browser by now.
 */
export async function confirmedSession(
  asked: string,
  tokens: Tokens,
  request: FastifyRequest,
  { authenticator, sessions }: { readonly authenticator: Authenticator; readonly sessions: Sessions },
): Promise<Sealed> {
  const held = await authenticator.heldSession(request)
  if (held.csrfToken !== asked) throw new SignInRefusedError('somebody else has signed in here meanwhile')
  // The issuer may have signed them in anew: that is what it ends, then.
  return sessions.replaceTokens({ ...held, atIssuer: tokens.atIssuer ?? held.atIssuer }, tokens)
}
