import { stepUpChallenge } from '@micropay/runtime/authorization'
import type { StepUp } from '@micropay/runtime/step-up'
import type { Caller } from '@micropay/schemas/api/token'
import type { FastifyRequest } from 'fastify'
import type { Confirmation } from '../decide/ledger.ts'
import type { CommandResult } from '../handle/command.ts'

/**
 * What a caller has confirmed of the command of a key, by a token of the kind that is asked for. Undefined of staff, of
 * whom none is asked.
 */
export function confirmationOf(caller: Caller, idempotencyKey: string, stepUp: StepUp): Confirmation | undefined {
  if (caller.scopes.has('payments:book')) return undefined
  const { authentication, confirmed = [], expiresAt } = caller
  const isStrong = authentication !== undefined && stepUp.acrValues.includes(authentication.acr)
  const untilMs = Math.min(expiresAt, (authentication?.atMs ?? 0) + stepUp.maxAgeSeconds * 1000)
  const payments = isStrong ? confirmed.filter(({ identifier }) => identifier === idempotencyKey) : []
  return { payments, until: new Date(untilMs).toISOString() }
}

/** The header that a refusal for want of it has. */
export function challengeFor(
  result: Extract<CommandResult, { kind: 'refused' }>,
  request: FastifyRequest,
  stepUp: StepUp | undefined,
): Record<string, string> {
  if (result.code !== 'payment_not_confirmed' || !stepUp) return {}
  return { 'www-authenticate': stepUpChallenge(stepUp, request) }
}
