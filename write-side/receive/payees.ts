import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { CheckPayee, PayeeAlias, PayeeChecked, PayeeDecided, RemovePayee, SavePayee } from '@micropay/schemas/api/payee'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import type { OwnerId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const answers = governedAnswers(PayeeDecided)

/** POST /v1/payees, /v1/payees/check and /v1/payees/:alias/remove: the caller's own; staff bring those of others. */
export function receivePayeeCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('payments:make', 'payments:book')
  const save = { tags: ['payees'], summary: 'Save an account to pay', body: SavePayee, response: answers }
  app.post('/v1/payees', { onRequest, schema: save }, async (request, reply) => {
    const { dryRun = false, alias, accountId, owner } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const data = { owner: whoseOf(request.caller, owner), alias, accountId }
    const command = { type: 'SavePayee' as const, data }
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

/** Who saves a name for somebody else decides what that person is offered to pay: staff alone may, who book anyway. */
function whoseOf({ subject, scopes }: Caller, owner: OwnerId = subject): OwnerId {
  if (owner === subject || scopes.has('payments:book')) return owner
  throw new ProblemError('forbidden', 'names of somebody else are saved with payments:book: leave owner out')
}
