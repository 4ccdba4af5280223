import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { Link } from '@tanstack/react-router'
import { Card, Facts } from '../../components/card.tsx'
import { Money } from '../../components/money.tsx'
import { Notice } from '../../components/notice.tsx'

type StatementFactsProps = { readonly statement: Reconciliation; readonly zone: string | undefined }

/** The bank's balances beside the ledger's, and how the statement stands among the others of its account. */
export function StatementFacts({ statement, zone }: StatementFactsProps) {
  const { opening, closing, ledgerClosing, currency, to } = statement
  const apart = BigInt(closing) - BigInt(ledgerClosing)
  return (
    <>
      <Card className="mb-6 px-4 py-1 sm:px-6">
        <Facts
          facts={[
            ['Opening balance', <Money key="opening" minor={opening} currency={currency} />],
            ['Closing balance', <Money key="closing" minor={closing} currency={currency} />],
            [`In the ledger at the end of ${to}`, <Money key="ledger" minor={ledgerClosing} currency={currency} />],
            ['Bank less ledger', <Money key="apart" minor={apart.toString()} currency={currency} signed plain />],
          ]}
        />
      </Card>
      <Opening statement={statement} zone={zone} />
      <Overlaps statement={statement} zone={zone} />
    </>
  )
}

/** Told only where the balances do not go on: what happened on days without a statement is then not known. */
function Opening({ statement, zone }: StatementFactsProps) {
  const { previous, currency } = statement
  if (!previous || previous.openingDifference === '0') return null
  const isAbove = !previous.openingDifference.startsWith('-')
  const apart = previous.openingDifference.replace('-', '')
  const { gapDays } = previous
  const gap = gapDays === 0 ? '' : ` ${gapDays} ${gapDays === 1 ? 'day lies' : 'days lie'} between them.`
  return (
    <div className="mb-6">
      <Notice tone="warn" title="It does not go on from the statement before">
        Opens <Money minor={apart} currency={currency} /> {isAbove ? 'above' : 'below'} the close of{' '}
        <StatementLink {...previous} statement={statement} zone={zone} />, {previous.to}.{gap}
      </Notice>
    </div>
  )
}

function Overlaps({ statement, zone }: StatementFactsProps) {
  const { overlaps, repeated } = statement
  if (overlaps.length === 0) return null
  return (
    <div className="mb-6">
      <Notice tone="warn" title="Earlier imports tell of the same days">
        {repeated === 1 ? 'One line stands' : `${repeated} lines stand`} on them, too:
        <ul className="mt-1 list-disc pl-5">
          {overlaps.map((other) => (
            <li key={other.position}>
              <StatementLink {...other} statement={statement} zone={zone} />, {other.from} to {other.to}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  )
}

type StatementLinkProps = StatementFactsProps & { readonly statementId: string; readonly position: string }

function StatementLink({ statementId, position, statement, zone }: StatementLinkProps) {
  return (
    <Link
      to="/reconcile/$statementId"
      params={{ statementId }}
      search={{ account: statement.accountId, position, zone }}
      className="font-medium text-accent hover:underline"
    >
      {statementId}
    </Link>
  )
}
