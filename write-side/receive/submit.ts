import { createHash } from 'node:crypto'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { Keys } from '@micropay/runtime/settings/key-ring'
import type { StepUp } from '@micropay/runtime/step-up'
import { currentTrace } from '@micropay/runtime/telemetry/tracing'
import type { Caller } from '@micropay/schemas/api/token'
import { IdempotencyKey } from '@micropay/schemas/identifiers'
import type { FastifyRequest } from 'fastify'
import type { LedgerCommand } from '../decide/decide.ts'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import { type RequestHashKey, requestHashOf } from '../handle/request-hash.ts'
import { confirmationOf } from './confirmation.ts'
import type { PassOn } from './pass-on.ts'
import { USUAL_WAIT } from './wait-of.ts'

/**
 * What the routes need: a way to hand a command to the owner of its partition, the keys of request
 * hashes, and how many partitions there are.
 */
export type ReceiveDependencies = {
  readonly submit: (request: CommandRequest) => Promise<CommandResult>
  readonly requestHashKeys: () => Keys<RequestHashKey>
  /** Of the ledger. */
  readonly partitions: number
  /** By which authentication customers confirm payments. */
  readonly stepUp: StepUp
  /** Whether an account of a tenant is known to have no limit: here, or where another worker has it. */
  readonly isUnlimited?: (tenant: string, accountId: string) => boolean | Promise<boolean>
  /** Of several workers: asks the others. */
  readonly passOn?: PassOn | undefined
}

/** Hands one command over, as its caller gave it. */
export function submitFor(
  dependencies: ReceiveDependencies,
  caller: Caller,
  command: LedgerCommand,
  idempotencyKey: string,
  dryRun: boolean,
  { earlier, wait }: { readonly earlier?: EarlierForm | undefined; readonly wait?: CommandRequest['wait'] } = {},
): Promise<CommandResult> {
  const usual = requestFor(dependencies, caller, command, idempotencyKey, dryRun)
  const request = wait ? { ...usual, wait } : usual
  if (!earlier) return dependencies.submit(request)
  const earlierHashes = dependencies.requestHashKeys().map((key) => requestHashOf(earlier, key))
  return dependencies.submit({ ...request, earlierHashes })
}

/** What earlier code made of the same request. */
type EarlierForm = Parameters<typeof requestHashOf>[0]

/** One command with its caller, as the owner of its partition takes it. */
export function requestFor(
  { requestHashKeys, stepUp }: Pick<ReceiveDependencies, 'requestHashKeys' | 'stepUp'>,
  caller: Caller,
  command: LedgerCommand,
  idempotencyKey: string,
  dryRun: boolean,
): CommandRequest {
  const [key, ...others] = requestHashKeys()
  const traceparent = currentTrace()
  return {
    command,
    tenant: caller.tenant,
    actor: { subject: caller.subject, client: caller.client },
    mayBook: caller.scopes.has('payments:book'),
    mayApprove: caller.scopes.has('approvals:decide'),
    idempotencyKey,
    requestHash: requestHashOf(command, key),
    ...(others.length === 0 ? {} : { otherHashes: others.map((other) => requestHashOf(command, other)) }),
    dryRun,
    confirmation: confirmationOf(caller, idempotencyKey, stepUp),
    wait: USUAL_WAIT,
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

/**
 * The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07): bare or a quoted string. A dry run
 * needs none.
 */
export function idempotencyKeyOf(request: FastifyRequest, dryRun = false): string {
  const header = request.headers['idempotency-key']
  if (header === undefined && dryRun) return ''
  if (header === undefined) {
    throw new ProblemError(
      'idempotency_key_missing',
      'send the header Idempotency-Key with a value of your own, such as a UUID',
    )
  }
  const text = String(header)
  const key = IdempotencyKey.safeParse(text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text)
  if (key.success) return key.data
  throw new ProblemError(
    'invalid_request',
    'the Idempotency-Key must be 1 to 128 printable ASCII characters without spaces',
  )
}

/** An account id for a caller who chose none: the same for the same key, so that a retry asks for the same account. */
export function accountIdFor(caller: Caller, idempotencyKey: string): string {
  const digest = createHash('sha256')
    .update(`${caller.tenant}\n${caller.client}\n${caller.subject}\n${idempotencyKey}`)
    .digest('base64url')
  return `acc-${digest.slice(0, 20)}`
}
