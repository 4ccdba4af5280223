import type { Http } from '@micropay/runtime/http'
import { AccountBatch, AccountDecided, BatchAccount, ChangeAccount, OpenAccount } from '@micropay/schemas/api/account'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import { AccountId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { BATCH_BODY_LIMIT_BYTES, type Batches } from './batches.ts'
import { respond } from './respond.ts'
import { accountIdFor, idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'
import { type BatchKind, batchResultFields } from './submit-batch.ts'

const answers = { 200: AccountDecided, 201: AccountDecided, '4xx': Problem, '5xx': Problem }

const changes = [
  ['freeze', 'FreezeAccount', 'Freeze an account: it neither pays nor is paid until it is unfrozen'],
  ['unfreeze', 'UnfreezeAccount', 'Let a frozen account work again'],
  ['close', 'CloseAccount', 'Close an account at zero, for good'],
] as const

const AccountBatchResult = z
  .object({ ...batchResultFields, account: AccountDecided.optional() })
  .meta({ id: 'AccountBatchResult' })

const accountBatch: BatchKind<BatchAccount> = {
  noun: 'account',
  item: BatchAccount,
  command: ({ idempotencyKey, ...fields }, caller) => openingOf(fields, caller, idempotencyKey),
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
  const options = { onRequest: [onRequest, batches.takePlace], schema: many, bodyLimit: BATCH_BODY_LIMIT_BYTES }
  app.post('/v1/accounts/batch', options, async (request, reply) =>
    batches.answer(request, reply, request.body.accounts, accountBatch),
  )
  for (const [verb, type, summary] of changes) {
    const schema = {
      tags: ['accounts'],
      summary,
      params: z.object({ accountId: AccountId }),
      body: ChangeAccount,
      response: answers,
    }
    app.post(`/v1/accounts/:accountId/${verb}`, { onRequest, schema }, async (request, reply) => {
      const { dryRun = false, reason } = request.body
      const key = idempotencyKeyOf(request, dryRun)
      const command = {
        type,
        data: { accountId: request.params.accountId, ...(reason === undefined ? {} : { reason }) },
      }
      return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
    })
  }
}

/** The opening that is asked for; without an id of the caller's own, under the one that the key gives. */
function openingOf(fields: Omit<OpenAccount, 'dryRun'>, caller: Caller, key: string) {
  const accountId = fields.accountId ?? AccountId.parse(accountIdFor(caller, key))
  return { type: 'OpenAccount' as const, data: { ...fields, accountId } }
}
