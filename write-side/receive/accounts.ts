import type { Http } from '@micropay/runtime/http'
import {
  AccountBatch,
  AccountDecided,
  BatchAccount,
  ChangeAccount,
  ChangeStatus,
  FreezeAccount,
  OpenAccount,
  SetAccountFlag,
} from '@micropay/schemas/api/account'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import { AccountId } from '@micropay/schemas/identifiers'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { present } from '../decide/account.ts'
import type { LedgerCommand } from '../decide/decide.ts'
import { type Batches, batchOf } from './batches.ts'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { accountIdFor, idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'
import { type BatchKind, batchResultFields } from './submit-batch.ts'

const answers = governedAnswers(AccountDecided)

const AccountBatchResult = z
  .object({ ...batchResultFields, account: AccountDecided.optional() })
  .meta({ id: 'AccountBatchResult' })

const accountBatch: BatchKind<BatchAccount> = {
  noun: 'account',
  item: BatchAccount,
  command: ({ idempotencyKey, ...fields }, caller) => openingOf(fields, caller, idempotencyKey),
  // The partition of the account is the one that decides.
  accounts: () => [],
}

/** POST /v1/accounts, /v1/accounts/batch, and what changes an account. */
export function receiveAccountCommands(app: Http, dependencies: ReceiveDependencies, batches: Batches): void {
  const onRequest = app.allow('accounts:manage')
  const open = { tags: ['accounts'], summary: 'Open an account', body: OpenAccount, response: answers }
  app.post('/v1/accounts', { onRequest, schema: open }, async (request, reply) => {
    const { dryRun = false, ...fields } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = openingOf(fields, request.caller, key)
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
  const many = {
    tags: ['accounts'],
    summary: 'Open up to 10,000 accounts, each with a key and an outcome of its own, decided in order',
    body: AccountBatch,
    response: { 200: z.object({ results: z.array(AccountBatchResult) }), '4xx': Problem, '5xx': Problem },
  }
  const options = { onRequest: [onRequest, batches.takePlace], schema: many, ...batchOf('accounts') }
  app.post('/v1/accounts/batch', options, async (request, reply) =>
    batches.answer(request, reply, request.body.accounts, accountBatch),
  )
  receiveChanges(app, dependencies)
}

/** POST /v1/accounts/:accountId/freeze, /unfreeze, /close, /change and /flag. */
function receiveChanges(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('accounts:manage')
  const path = (verb: string) => `/v1/accounts/:accountId/${verb}`
  const optionsFor = <Body extends z.ZodType>(summary: string, body: Body) => ({
    onRequest,
    schema: { tags: ['accounts'], summary, params: z.object({ accountId: AccountId }), body, response: answers },
  })
  const submit = async (request: FastifyRequest, reply: FastifyReply, command: LedgerCommand, dryRun: boolean) => {
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  }
  const freeze = 'Freeze an account: until it is unfrozen it neither pays nor is paid, or only does not pay'
  app.post(path('freeze'), optionsFor(freeze, FreezeAccount), async (request, reply) => {
    const { dryRun = false, reason, direction } = request.body
    const data = { ...request.params, ...present({ reason, direction }) }
    return submit(request, reply, { type: 'FreezeAccount', data }, dryRun)
  })
  for (const [verb, type, summary] of [
    ['unfreeze', 'UnfreezeAccount', 'Let a frozen account work again'],
    ['close', 'CloseAccount', 'Close an account at zero, for good'],
  ] as const) {
    app.post(path(verb), optionsFor(summary, ChangeStatus), async (request, reply) => {
      const { dryRun = false, reason } = request.body
      return submit(request, reply, { type, data: { ...request.params, ...present({ reason }) } }, dryRun)
    })
  }
  const change = "Change an account's name, owner's reference, overdraft limit or place in the chart"
  app.post(path('change'), optionsFor(change, ChangeAccount), async (request, reply) => {
    const { dryRun = false, name, ownerReference, overdraftLimit, path: place } = request.body
    const data = { ...request.params, ...present({ name, ownerReference, overdraftLimit, path: place }) }
    return submit(request, reply, { type: 'ChangeAccount', data }, dryRun)
  })
  const flagged = 'Say whether an account of the house takes money from customers'
  app.post(path('flag'), optionsFor(flagged, SetAccountFlag), async (request, reply) => {
    const { dryRun = false, flag, value } = request.body
    return submit(request, reply, { type: 'SetAccountFlag', data: { ...request.params, flag, value } }, dryRun)
  })
}

/** The opening that is asked for; without an id of the caller's own, under the one that the key gives. */
function openingOf(fields: Omit<OpenAccount, 'dryRun'>, caller: Caller, key: string) {
  const accountId = fields.accountId ?? AccountId.parse(accountIdFor(caller, key))
  return { type: 'OpenAccount' as const, data: { ...fields, accountId } }
}
