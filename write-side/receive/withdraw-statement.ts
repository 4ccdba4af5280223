import type { Http } from '@micropay/runtime/http'
import { StatementWithdrawalDecided, WithdrawStatement } from '@micropay/schemas/api/statement'
import { z } from 'zod'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

/** POST /v1/statements/:statementId/withdraw. */
export function receiveStatementWithdrawals(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('reconciliation:operate')
  const schema = {
    tags: ['reconciliation'],
    summary: "Withdraw a bank's statement that was imported",
    params: z.object({ statementId: z.string().min(1).max(64) }),
    body: WithdrawStatement,
    response: governedAnswers(StatementWithdrawalDecided),
  }
  app.post('/v1/statements/:statementId/withdraw', { onRequest, schema }, async (request, reply) => {
    const { dryRun = false, account: accountId, position, reason } = request.body
    const { statementId } = request.params
    const key = idempotencyKeyOf(request, dryRun)
    const data = { accountId, statementId, position, reason }
    const command = { type: 'WithdrawStatement' as const, data }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
}
