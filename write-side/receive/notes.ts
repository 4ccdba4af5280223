import type { Http } from '@micropay/runtime/http'
import { NoteDecided, WriteNote } from '@micropay/schemas/api/note'
import { Problem } from '@micropay/schemas/api/problem'
import { AccountId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const answers = { 200: NoteDecided, 201: NoteDecided, '4xx': Problem, '5xx': Problem }

/** POST /v1/accounts/:accountId/notes */
export function receiveNotes(app: Http, dependencies: ReceiveDependencies): void {
  const preHandler = app.allow('accounts:manage')
  const params = z.object({ accountId: AccountId })
  const schema = {
    tags: ['accounts'],
    summary: 'Write a note about an account',
    params,
    body: WriteNote,
    response: answers,
  }
  app.post('/v1/accounts/:accountId/notes', { preHandler, schema }, async (request, reply) => {
    const { dryRun = false, text } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'WriteNote' as const, data: { accountId: request.params.accountId, text } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
}
