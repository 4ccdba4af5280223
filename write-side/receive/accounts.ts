import type { Http } from '@micropay/runtime/http'
import { AccountDecided, ChangeAccount, OpenAccount } from '@micropay/schemas/api/account'
import { Problem } from '@micropay/schemas/api/problem'
import { AccountId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { respond } from './respond.ts'
import { accountIdFor, idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const answers = { 200: AccountDecided, 201: AccountDecided, '4xx': Problem, '5xx': Problem }

const changes = [
  ['freeze', 'FreezeAccount', 'Freeze an account: it neither pays nor is paid until it is unfrozen'],
  ['unfreeze', 'UnfreezeAccount', 'Let a frozen account work again'],
  ['close', 'CloseAccount', 'Close an account at zero, for good'],
] as const

/** POST /v1/accounts, and what changes an account's status. */
export function receiveAccountCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('accounts:manage')
  const open = { tags: ['accounts'], summary: 'Open an account', body: OpenAccount, response: answers }
  app.post('/v1/accounts', { onRequest, schema: open }, async (request, reply) => {
    const { dryRun = false, ...fields } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const accountId = fields.accountId ?? AccountId.parse(accountIdFor(request.caller, key))
    const command = { type: 'OpenAccount' as const, data: { ...fields, accountId } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
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
