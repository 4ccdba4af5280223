import type { Http } from '@micropay/runtime/http'
import { isEncoded, notEncoded } from '@micropay/runtime/json-body'
import { ProblemError } from '@micropay/runtime/problem-error'
import { MAX_STATEMENT_BYTES, StatementAccepted } from '@micropay/schemas/api/statement'
import type { Caller } from '@micropay/schemas/api/token'
import { AccountId } from '@micropay/schemas/identifiers'
import type { ImportedStatement } from '@micropay/schemas/log/statement-shapes'
import { formatMinor } from '@micropay/schemas/money'
import { z } from 'zod'
import type { CommandResult } from '../handle/command.ts'
import { createParseApart } from './camt/parse-apart.ts'
import type { BankStatement, ParsedStatement } from './camt/parse-statement.ts'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { importIdFor, splitStatement } from './split-statement.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

/**
 * POST /v1/statements?account: a bank's camt.053 file for an external account. What does not add up is never a
 * command.
 */
export function receiveStatements(app: Http, dependencies: ReceiveDependencies): void {
  const parse = createParseApart()
  app.register(async (statements) => {
    statements.removeAllContentTypeParsers()
    statements.addContentTypeParser(
      ['application/xml', 'text/xml'],
      { parseAs: 'buffer', bodyLimit: MAX_STATEMENT_BYTES },
      (request, body, done) =>
        isEncoded(request) ? done(new ProblemError('unsupported_media_type', notEncoded)) : done(null, body),
    )
    statements.addContentTypeParser('*', (_request, _payload, done) => done(notXml()))
    const schema = {
      tags: ['reconciliation'],
      summary: "Import a bank's statement (camt.053) for an external account",
      consumes: ['application/xml'],
      querystring: z.strictObject({ account: AccountId, dryRun: z.enum(['true', 'false']).default('false') }),
      response: governedAnswers(StatementAccepted),
    }
    const onRequest = app.allow('reconciliation:operate')
    statements.post<{ Querystring: z.infer<typeof schema.querystring>; Body: unknown }>(
      '/v1/statements',
      { onRequest, schema, bodyLimit: MAX_STATEMENT_BYTES },
      async (request, reply) => {
        const { account: accountId, dryRun } = request.query
        const isDryRun = dryRun === 'true'
        const key = idempotencyKeyOf(request, isDryRun)
        const { body } = request
        if (!(body instanceof Uint8Array)) throw notXml()
        const statement = readable(await parse(body))
        const from = { accountId, caller: request.caller, key, isDryRun }
        return respond(reply, await importStatement(dependencies, statement, from))
      },
    )
  })
}

type From = {
  readonly accountId: AccountId
  readonly caller: Caller
  readonly key: string
  readonly isDryRun: boolean
}

/**
 * Parts come before the last one, each under a key of its own that a retry derives again: what is there already is told
 * as such, and the rest follows. Whether the statement would be taken is asked before any of them; where it would not,
 * the last one says so.
 */
async function importStatement(
  dependencies: ReceiveDependencies,
  statement: BankStatement,
  { accountId, caller, key, isDryRun }: From,
): Promise<CommandResult> {
  const importId = importIdFor(caller, key, statement.sha256)
  const { whole, parts, last } = splitStatement(statement, accountId, importId)
  const importing = (data: ImportedStatement, dryRun: boolean) =>
    submitFor(dependencies, caller, { type: 'ImportStatement', data }, key, dryRun, {
      earlier: { type: 'ImportStatement', data: { accountId, ...statement.firstForm } },
    })
  if (isDryRun || parts.length === 0) return importing(whole, isDryRun)
  const tried = await importing(whole, true)
  if (tried.kind === 'refused') return tried
  if (tried.kind === 'rejected') return importing(last, false)
  for (const data of parts) {
    const command = { type: 'KeepStatementPart' as const, data }
    const kept = await submitFor(dependencies, caller, command, `${importId}-${data.part}`, false)
    if (kept.kind !== 'accepted') return kept
  }
  return importing(last, false)
}

function notXml(): ProblemError {
  return new ProblemError('unsupported_media_type', 'send the file with Content-Type: application/xml')
}

function readable(parsed: ParsedStatement) {
  if (parsed.kind === 'statement') return parsed.statement
  if (parsed.kind === 'unreadable') throw new ProblemError('statement_unreadable', parsed.detail)
  const { statement, sums } = parsed
  const { currency, opening, closing, statementId } = statement
  const shown = (minor: bigint | string) => `${formatMinor(BigInt(minor), currency)} ${currency}`
  const apart = sums.difference < 0n ? -sums.difference : sums.difference
  const total = BigInt(opening) + sums.credits - sums.debits
  const addition = `opening ${shown(opening)} + credits ${shown(sums.credits)} - debits ${shown(sums.debits)}`
  throw new ProblemError(
    'statement_does_not_add_up',
    `${statementId}: ${addition} = ${shown(total)}, and the closing balance is ${shown(closing)}: ` +
      `${shown(apart)} apart. Ask the bank for the whole statement`,
  )
}
