import type { PeriodChecklist, StatementCheck } from '@micropay/schemas/api/period'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { CurrencyTotals } from '../../components/currency-totals.tsx'
import { Cell, type Column, Table } from '../../components/table.tsx'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'

/** All that is looked at before days are closed, as of one position of the ledger. */
export function Checklist({ checklist }: { readonly checklist: PeriodChecklist }) {
  const { through, zone, totals, accounts, underWay = [] } = checklist
  return (
    <div className="mb-6">
      <h2 className="mb-3 text-lg font-bold">
        Trial balance at the end of {through}, {zone}
      </h2>
      {totals.length === 0 ? (
        <p className="mb-5 text-ink-soft">Every account stands at zero.</p>
      ) : (
        <CurrencyTotals totals={totals} isWhole underWay={underWay} />
      )}
      {underWay.length > 0 ? (
        <p className="mb-5 text-ink-soft">
          Payments into these days are under way between partitions of the ledger: the figures change once they arrive.
        </p>
      ) : null}
      <h2 className="mb-3 text-lg font-bold">Bank statements up to that day</h2>
      {accounts.length === 0 ? (
        <p className="mb-3 text-ink-soft">No statement was imported.</p>
      ) : (
        <Card className="mb-3 overflow-hidden">
          <Table label="Bank statements" columns={columns}>
            {accounts.map((account) => (
              <StatementRow key={account.accountId} account={account} zone={zone} />
            ))}
          </Table>
        </Card>
      )}
      <StatementNotes checklist={checklist} />
      <Card className="mt-5 px-4 sm:px-5">
        <Facts
          facts={[
            ['Days that are closed', `${daysTitle(checklist)}, ${zone}`],
            ['Figures read at sequence', String(checklist.seq)],
            ['Digest', <Digest key="digest">{checklist.digest}</Digest>],
            ['Waiting for a second person', <OpenApprovals key="approvals" />],
          ]}
        />
      </Card>
    </div>
  )
}

function Digest({ children }: { readonly children: string }) {
  return <code className="text-xs break-all">{children}</code>
}

function OpenApprovals() {
  return (
    <Link to="/approvals" search={{ status: 'open' }} className="text-accent underline underline-offset-4">
      See open proposals
    </Link>
  )
}

function StatementNotes({ checklist: { withoutStatement, isEveryAccount } }: { readonly checklist: PeriodChecklist }) {
  return (
    <div className="space-y-1 text-sm text-ink-soft">
      {withoutStatement > 0 ? (
        <p>
          External accounts that were booked on and have no statement: {withoutStatement}. A cash desk has none; a bank
          account should.
        </p>
      ) : null}
      {isEveryAccount ? null : <p>There are more accounts with statements than are shown here.</p>}
    </div>
  )
}

const columns: readonly Column[] = [
  { name: 'Account' },
  { name: 'Not reconciled' },
  { name: 'Days without a statement', className: 'hidden sm:table-cell' },
]

type StatementRowProps = { readonly account: StatementCheck; readonly zone: string }

function StatementRow({ account, zone }: StatementRowProps) {
  const { accountId, gaps, statements } = account
  const told = statements === 0 ? '–' : <Badge tone="good">None</Badge>
  const days = gaps.length === 0 ? told : gaps.map(daysOf).join(', ')
  return (
    <tr className="hover:bg-sunken">
      <Cell>
        <Link
          to="/reconcile"
          search={{ account: accountId, zone }}
          className="flex min-h-11 flex-col justify-center font-medium break-all text-accent hover:underline"
        >
          {accountId}
        </Link>
        {gaps.length > 0 ? (
          <span className="block text-xs text-ink-soft sm:hidden">No statement of {gaps.map(daysOf).join(', ')}</span>
        ) : null}
      </Cell>
      <Cell>
        <Unreconciled account={account} />
        {account.withdrawn > 0 ? <WithdrawnOnes account={account} /> : null}
      </Cell>
      <Cell className="hidden sm:table-cell">{days}</Cell>
    </tr>
  )
}

/** Statements of these days that count no more. */
function WithdrawnOnes({ account: { accountId, withdrawn } }: { readonly account: StatementCheck }) {
  return (
    <Link
      to="/reconcile"
      search={{ account: accountId, withdrawn: 'true' }}
      className="mt-1 block text-xs text-accent hover:underline"
    >
      {withdrawn} withdrawn
    </Link>
  )
}

function Unreconciled({ account }: { readonly account: StatementCheck }): ReactNode {
  const { statements, missingHere, missingThere, differingAmount } = account
  if (statements === 0) return <Badge tone="warn">No statement</Badge>
  if (missingHere + missingThere + differingAmount === 0) return <Badge tone="good">Nothing open</Badge>
  const parts = [
    [missingHere, 'missing here'],
    [missingThere, 'missing at the bank'],
    [differingAmount, 'with another amount'],
  ] as const
  return (
    <>
      <Badge tone="warn">{missingHere + missingThere + differingAmount} open</Badge>
      <span className="mt-1 block text-xs text-ink-soft">
        {parts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : [])).join(', ')}
      </span>
    </>
  )
}
