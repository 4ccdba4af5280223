import type { Proposal } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { z } from 'zod'
import { allows } from '../../api/session.ts'
import { Card } from '../../components/card.tsx'
import { WithdrawalEffect } from '../../components/withdrawal-effect.tsx'
import { reconciliationQuery } from '../../data/books/reconcile.ts'
import { useServices, useSession } from '../../services/app-context.ts'

const Asked = z.object({ accountId: z.string(), statementId: z.string(), position: z.string() })

/** The statement that a proposal would withdraw; undefined for any other proposal. */
export function statementAskedIn({ command, data }: Proposal) {
  return command === 'WithdrawStatement' ? Asked.safeParse(data).data : undefined
}

type Of = { readonly of: Proposal }

/** The statement that is to be withdrawn, for those who may see it. */
export function StatementLink({ of: proposal }: Of) {
  const asked = statementAskedIn(proposal)
  const mayRead = allows(useSession(), 'reconciliation:read')
  if (!asked) return '–'
  const { accountId: account, statementId, position } = asked
  if (!mayRead) return `${statementId}, imported at ${position}`
  return (
    <Link
      to="/reconcile/$statementId"
      params={{ statementId }}
      search={{ account, position }}
      className="text-accent underline underline-offset-4"
    >
      {statementId}, imported at {position}
    </Link>
  )
}

/** What it would free, for those who may see it, as long as the statement stands. */
export function WithdrawalShown({ of: proposal }: Of) {
  const { client } = useServices()
  const mayRead = allows(useSession(), 'reconciliation:read')
  const asked = statementAskedIn(proposal)
  const { accountId: account, statementId = '', position } = asked ?? {}
  const query = reconciliationQuery(client, { account, statementId, position, zone: undefined })
  const statement = useQuery({ ...query, enabled: mayRead && asked !== undefined }).data?.value
  if (!statement || statement.withdrawn) return null
  return (
    <Card className="p-4 sm:p-5">
      <h2 className="mb-2 font-semibold">What it frees</h2>
      <div className="text-sm text-ink-soft">
        <WithdrawalEffect statement={statement} />
      </div>
    </Card>
  )
}
