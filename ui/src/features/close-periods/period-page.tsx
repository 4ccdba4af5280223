import type { PeriodChecked } from '@micropay/schemas/api/period'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { CurrencyTotals } from '../../components/currency-totals.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ProposedNotices, useProposed } from '../../components/proposed-notice.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { givenWords } from '../../data/approvals/given-words.ts'
import { daysOf, daysTitle } from '../../data/periods/days-of.ts'
import { periodQuery, periodsQuery } from '../../data/periods/periods.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { CallOffClosing } from './call-off-closing.tsx'
import { PeriodState } from './period-state.tsx'
import { ReopenPeriod } from './reopen-period.tsx'
import { ClosingCalledOff, ClosingUnderWay } from './under-way.tsx'

const route = getRouteApi('/periods/$periodId')

/** One closing: who sealed which figures, whether they are still the same, and the way to reopen it. */
export function PeriodPage() {
  const { client } = useServices()
  const { periodId } = route.useParams()
  const query = useQuery(periodQuery(client, periodId))
  const mayReadBooks = allows(useSession(), 'reconciliation:read')
  const period = query.data?.value
  return (
    <Page
      heading={period ? daysTitle(period) : undefined}
      lead={periodId}
      freshness={query.data?.freshness}
      actions={
        period && mayReadBooks ? (
          <LinkButton to="/trial-balance" search={{ day: period.through, zone: period.zone }} look="secondary">
            Trial balance
          </LinkButton>
        ) : null
      }
    >
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="period" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the period" />
        </Card>
      ) : null}
      {period ? <PeriodShown period={period} /> : null}
    </Page>
  )
}

function PeriodShown({ period }: { readonly period: PeriodChecked }) {
  const mayClose = allows(useSession(), 'periods:close')
  const isSealed = period.status === 'closed' || period.status === 'reopened'
  return (
    <>
      <div className="mb-5">
        {period.underWay ? <ClosingUnderWay underWay={period.underWay} /> : null}
        {period.calledOff ? <ClosingCalledOff calledOff={period.calledOff} /> : null}
        {period.underWay || period.calledOff ? null : <Agreement period={period} />}
      </div>
      <Card className="mb-5 px-4 sm:px-5">
        <Facts
          facts={[
            ['State', <PeriodState key="state" status={period.status} />],
            ['Days', `${daysTitle(period)}, ${period.zone}`],
            [
              isSealed ? 'Closed by' : 'Asked for by',
              givenWords({ by: period.closedBy, approvedBy: period.approvedBy }),
            ],
            [isSealed ? 'Closed at' : 'Since', <Instant key="at" at={period.closedAt} />],
            ['Position in the ledger', period.position],
            ['Figures read at sequence', String(period.seq)],
            ['Digest', <Digest key="digest" digest={period.digest} />],
            ...(period.agrees ? [] : [['Digest now', <Digest key="now" digest={period.digestNow} />] as const]),
            ...(period.reopened ? reopenedFacts(period.reopened) : []),
          ]}
        />
      </Card>
      <h2 className="mb-3 text-lg font-bold">What the books hold for these days now</h2>
      {period.totals.length === 0 ? (
        <p className="mb-5 text-ink-soft">
          Every account stands at zero at the end of these days: nothing was booked, or it evened out.
        </p>
      ) : (
        <CurrencyTotals totals={period.totals} isWhole />
      )}
      {period.status === 'closed' ? <Reopening period={period} /> : null}
      {period.status === 'closing' && mayClose ? <CallOffClosing period={period} /> : null}
    </>
  )
}

function Digest({ digest }: { readonly digest: string }) {
  return <code className="text-xs break-all">{digest}</code>
}

function reopenedFacts({ by, approvedBy, at, reason, proposalId }: NonNullable<PeriodChecked['reopened']>) {
  return [
    ['Reopened by', givenWords({ by, approvedBy })],
    ['Reopened at', <Instant key="reopened" at={at} />],
    ['Reason', reason ?? '–'],
    [
      'Proposal',
      proposalId === null ? (
        'One person was enough'
      ) : (
        <Link
          key="proposal"
          to="/approvals/$proposalId"
          params={{ proposalId }}
          className="text-accent underline underline-offset-4"
        >
          {proposalId}
        </Link>
      ),
    ],
  ] as const
}

function Agreement({ period: { agrees, status } }: { readonly period: PeriodChecked }) {
  if (agrees && status === 'reopened') {
    return (
      <Notice tone="warn" title="These days are open again">
        Nothing has changed their figures yet, and they are no longer sealed: the digest is the same now as when the
        period was closed.
      </Notice>
    )
  }
  if (agrees) {
    return (
      <Notice tone="good" title="The figures are the ones that were sealed">
        The digest over every account's balance is the same now as when the period was closed.
      </Notice>
    )
  }
  if (status === 'reopened') {
    return (
      <Notice tone="warn" title="The figures have changed since">
        The period was reopened, and what was booked into it makes another digest.
      </Notice>
    )
  }
  return (
    <Notice tone="bad" title="The figures are not the ones that were sealed">
      The digest over every account's balance is another one now, and the period is closed: tell whoever audits this
      ledger.
    </Notice>
  )
}

/** Periods are reopened one by one, the last one first; where that was asked for, it says that it waits. */
function Reopening({ period }: { readonly period: PeriodChecked }) {
  const { client } = useServices()
  const mayClose = allows(useSession(), 'periods:close')
  const query = useQuery(periodsQuery(client))
  const last = query.data?.value.items.find(({ status }) => status === 'closed')
  const proposed = useProposed(period.periodId)
  if (proposed.length > 0) return <ProposedNotices proposals={proposed} />
  if (!mayClose || !last) return null
  if (last.periodId === period.periodId) return <ReopenPeriod period={period} />
  return (
    <p className="text-sm text-ink-soft">
      A later period is closed: to reopen this one, begin with{' '}
      <Link
        to="/periods/$periodId"
        params={{ periodId: last.periodId }}
        className="text-accent underline underline-offset-4"
      >
        {daysOf(last)}
      </Link>
      .
    </p>
  )
}
