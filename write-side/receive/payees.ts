import type { Http } from '@micropay/runtime/http'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { CheckPayee, PayeeAlias, PayeeChecked, PayeeDecided, RemovePayee, SavePayee } from '@micropay/schemas/api/payee'
import { Problem } from '@micropay/schemas/api/problem'
import { z } from 'zod'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const answers = { 200: PayeeDecided, 201: PayeeDecided, 202: ProposalDecided, '4xx': Problem, '5xx': Problem }

/** POST /v1/payees, /v1/payees/check and /v1/payees/:alias/remove: always the caller's own. */
export function receivePayeeCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('payments:make', 'payments:book')
  const save = { tags: ['payees'], summary: 'Save an account to pay', body: SavePayee, response: answers }
  app.post('/v1/payees', { onRequest, schema: save }, async (request, reply) => {
    const { dryRun = false, alias, accountId } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'SavePayee' as const, data: { owner: request.caller.subject, alias, accountId } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
  const check = {
    tags: ['payees'],
    summary: 'Ask whether an account is held under a name',
    body: CheckPayee,
    response: { 200: PayeeChecked, 201: PayeeChecked, '4xx': Problem, '5xx': Problem },
  }
  // Staff see whose an account is.
  app.post('/v1/payees/check', { onRequest: app.allow('payments:make'), schema: check }, async (request, reply) => {
    const { accountId, name } = request.body
    const command = { type: 'CheckPayee' as const, data: { owner: request.caller.subject, accountId, name } }
    return respond(reply, await submitFor(dependencies, request.caller, command, idempotencyKeyOf(request), false))
  })
  const remove = {
    tags: ['payees'],
    summary: 'Forget a payee',
    params: z.object({ alias: PayeeAlias }),
    body: RemovePayee,
    response: answers,
  }
  app.post('/v1/payees/:alias/remove', { onRequest, schema: remove }, async (request, reply) => {
    const { dryRun = false } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const data = { owner: request.caller.subject, alias: request.params.alias }
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'RemovePayee', data }, key, dryRun))
  })
}
