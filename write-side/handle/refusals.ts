import type { AccountId } from '@micropay/schemas/identifiers'
import type { NotConfirmedError } from '../decide/confirmation.ts'
import type { CommandRequest, CommandResult } from './command.ts'

/*
 * What is said of an outcome is said of the request that is answered (docs/errors.md): a retry whose first attempt is
 * in doubt is never told that nothing was appended by the worker that holds that doubt.
 */

export const tooBusy: CommandResult = {
  kind: 'refused',
  code: 'not_owner',
  detail: 'no worker decided this in time, so this request appended nothing: send it again with the same key',
  retryAfterSeconds: 1,
}

/** What became of a command that was handed to the log is not known here, or not in time. */
export const unknownOutcome: CommandResult = {
  kind: 'refused',
  code: 'outcome_unknown',
  detail:
    'it is not known yet whether the command counts: ' +
    'send it again with the same key, which never makes it happen twice',
  retryAfterSeconds: 1,
}

/** The request appended nothing, and another worker may decide it, or this one later. */
export function notOwner(reason: string): Extract<CommandResult, { kind: 'refused' }> {
  return {
    kind: 'refused',
    code: 'not_owner',
    detail: `${reason}: this request appended nothing, send it again with the same key`,
    retryAfterSeconds: 1,
  }
}

export const full: CommandResult = {
  kind: 'refused',
  code: 'overloaded',
  detail: 'too many commands wait already, so this request appended nothing: send it again with the same key',
  retryAfterSeconds: 1,
}

export const inFlight: CommandResult = {
  kind: 'refused',
  code: 'idempotency_key_in_flight',
  detail: 'the first request with this key is being decided: send it again in a moment for its answer',
  retryAfterSeconds: 1,
}

export const reused: CommandResult = {
  kind: 'refused',
  code: 'idempotency_key_reused',
  detail: 'this key is in use for another request: use a new key for a new request',
}

export const shuttingDown = notOwner('this worker is shutting down')
export const unleased = notOwner('the database of leases does not answer, so nobody says who decides here')
export const elsewhere = notOwner('another worker has this partition')

export const originalUnknown = notOwner('the log does not say in time what payment that was')

/** `asks` is the account, where it is to be looked at first. */
export function accountUnknown(asks?: AccountId): CommandResult {
  return { ...notOwner('the worker that has the account does not serve'), ...(asks === undefined ? {} : { asks }) }
}

/** Nothing was decided, and the key is free: confirmed, the same request goes through. */
export function notConfirmed(
  { message, brought }: NotConfirmedError,
  { idempotencyKey }: CommandRequest,
): CommandResult {
  const confirm = brought.map((each) => ({ type: 'micropay_payment' as const, identifier: idempotencyKey, ...each }))
  const detail = `${message}, at the issuer and with authorizationDetails, and send it again with the same key`
  return { kind: 'refused', code: 'payment_not_confirmed', detail, confirm }
}

/** Whoever gives a payment back must know what it was. */
export function originalChanged(reason: string): CommandResult {
  const what = `what payment that was cannot be read: ${reason}; docs/operations.md says what to do`
  return {
    kind: 'refused',
    code: 'ledger_stopped',
    detail: `${what}. Other commands are decided; this request appended nothing`,
    retryAfterSeconds: 30,
  }
}

/** History, clock or state are wrong here: nothing is decided until a person has acted. */
export function ledgerStopped(reason: string): CommandResult {
  return {
    kind: 'refused',
    code: 'ledger_stopped',
    detail: `${reason}: this request appended nothing`,
    retryAfterSeconds: 30,
  }
}
