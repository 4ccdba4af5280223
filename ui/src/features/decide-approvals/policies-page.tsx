import type { Policy } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { allows } from '../../api/session.ts'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, type Column, Table } from '../../components/table.tsx'
import { policiesQuery } from '../../data/approvals/approvals.ts'
import { commandNames, peopleWords } from '../../data/approvals/command-words.ts'
import { givenWords } from '../../data/approvals/given-words.ts'
import { isLoweredAlone } from '../../data/approvals/lowered-alone.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { SetPolicyDialog } from './set-policy-dialog.tsx'

const columns: readonly Column[] = [
  { name: 'What' },
  { name: 'Needs' },
  { name: 'Set', className: 'hidden sm:table-cell' },
  { name: 'Change', align: 'right' },
]

/** Which commands one person gives alone, and which need a second one. */
export function PoliciesPage() {
  const { client } = useServices()
  const query = useQuery(policiesQuery(client))
  const [changed, setChanged] = useState<Policy>()
  const maySet = allows(useSession(), 'policies:set')
  const policies = query.data?.value.items
  return (
    <Page
      lead="What needs two persons waits, once it is asked for, until somebody else approves it."
      freshness={query.data?.freshness}
      actions={
        <LinkButton to="/approvals" look="secondary">
          Approvals
        </LinkButton>
      }
    >
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="list of rules" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading rules" rows={8} />
        </Card>
      ) : null}
      {policies && isLoweredAlone(policies) ? (
        <div className="mb-5">
          <Notice tone="warn" title="One person can lower each of these">
            “{commandNames.SetPolicy}” needs one person. Whoever sets rules can let one person be enough for the rest,
            and then do it alone. Let it need two persons as well.
          </Notice>
        </div>
      ) : null}
      {policies ? (
        <Card className="overflow-hidden">
          <Table label="Rules" columns={maySet ? columns : columns.slice(0, -1)}>
            {policies.map((policy) => (
              <PolicyRow
                key={policy.command}
                policy={policy}
                onChange={maySet ? () => setChanged(policy) : undefined}
              />
            ))}
          </Table>
        </Card>
      ) : null}
      {changed ? <SetPolicyDialog policy={changed} onClose={() => setChanged(undefined)} /> : null}
    </Page>
  )
}

type PolicyRowProps = { readonly policy: Policy; readonly onChange: (() => void) | undefined }

function PolicyRow({ policy, onChange }: PolicyRowProps) {
  const { command, people, above, set } = policy
  const isMore = people > 1 || (command === 'ConfirmPayment' && above !== null)
  const words = peopleWords(policy)
  return (
    <tr className="hover:bg-sunken">
      <Cell className="font-medium">{commandNames[command]}</Cell>
      <Cell className={isMore ? 'font-semibold' : 'text-ink-soft'}>{words}</Cell>
      <Cell className="hidden text-ink-soft sm:table-cell">
        {set ? (
          <>
            <Instant at={set.at} />
            <span className="block text-xs break-words">by {givenWords(set)}</span>
          </>
        ) : (
          'by default'
        )}
      </Cell>
      {onChange ? (
        <Cell align="right">
          <Button look="quiet" aria-label={`Change: ${commandNames[command]}`} onClick={onChange}>
            Change
          </Button>
        </Cell>
      ) : null}
    </tr>
  )
}
