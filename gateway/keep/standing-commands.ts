import { ProblemError } from '@micropay/runtime/problem-error'
import { outcomeOf } from '@micropay/schemas/api/problem'
import { parsePositions } from '@micropay/schemas/position'
import type { FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Route } from '../routes.ts'
import type { StandingChanges } from './standing-changes.ts'

/** Whether a command freezes an account, or changes what it is otherwise, itself or by what it approves. */
export function changesStanding({ method, path }: Route): boolean {
  if (method !== 'POST') return false
  return path.startsWith('/v1/accounts/:accountId/') || path === '/v1/approvals/:proposalId/approve'
}

/** What became of such a command, so that nothing of before is shown any more. */
export function createStandingCommands({ changed }: Pick<StandingChanges, 'changed'>) {
  return {
    async answered({ caller }: FastifyRequest, answer: Dispatcher.ResponseData, body: Buffer): Promise<void> {
      if (answer.statusCode < 300) {
        // Without a position nothing was appended: it only asked what would happen.
        const { position } = answer.headers
        if (typeof position === 'string') await changed(caller.tenant, parsePositions(position))
        return
      }
      const [, outcome] = /"outcome":"([a-z]{1,10})"/.exec(body.toString('latin1')) ?? []
      if (!isNone(outcome)) await changed(caller.tenant, undefined)
    },
    async failed({ caller }: FastifyRequest, error: unknown): Promise<void> {
      if (error instanceof ProblemError && isNone(outcomeOf(error.problem))) return
      await changed(caller.tenant, undefined)
    },
  }
}

/** Nothing of it happened. */
function isNone(outcome: string | undefined): boolean {
  return outcome === 'none' || outcome === 'refused'
}
