import type { Proposal } from '@micropay/schemas/api/approval'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { allows } from '../../api/session.ts'
import { LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { accountQuery } from '../../data/accounts/get-account.ts'
import { approvalQuery, policiesQuery } from '../../data/approvals/approvals.ts'
import { type Detail, detailsOf, limitWords, sentenceOf } from '../../data/approvals/command-words.ts'
import { mayReadPolicies } from '../../data/approvals/policy-scopes.ts'
import { ruleWords } from '../../data/approvals/rule-words.ts'
import { paymentQuery } from '../../data/payments/get-payment.ts'
import { daysTitle } from '../../data/periods/days-of.ts'
import { mayReadPeriods } from '../../data/periods/period-scopes.ts'
import { periodQuery } from '../../data/periods/periods.ts'
import { formatMoney } from '../../money/format-money.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { ApproveProposal } from './approve-proposal.tsx'
import { OvertakenNotice, useOvertaken } from './overtaken-notice.tsx'
import { ProposalState } from './proposal-state.tsx'
import { RefuseProposal } from './refuse-proposal.tsx'
import { StatementAsked } from './statement-asked.tsx'
import { StatementLink, WithdrawalShown } from './withdrawal-shown.tsx'

const route = getRouteApi('/approvals/$proposalId')

/** One proposal: what was asked for and by whom, what it would do now, and the decision or what it was. */
export function ApprovalPage() {
  const { client } = useServices()
  const { proposalId } = route.useParams()
  const query = useQuery(approvalQuery(client, proposalId))
  const proposal = query.data?.value
  return (
    <Page
      narrow
      heading={proposal ? sentenceOf(proposal) : undefined}
      lead={proposalId}
      freshness={query.data?.freshness}
      actions={
        <LinkButton to="/approvals" look="quiet" className="-mr-4">
          All proposals
        </LinkButton>
      }
    >
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="proposal" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows label="Loading the proposal" />
        </Card>
      ) : null}
      {proposal ? <ProposalShown proposal={proposal} /> : null}
    </Page>
  )
}

function ProposalShown({ proposal }: { readonly proposal: Proposal }) {
  return (
    <div className="space-y-5">
      <Outcome proposal={proposal} />
      <Card className="px-4 sm:px-5">
        <Facts
          facts={[
            ['State', <ProposalState key="state" status={proposal.status} />],
            ...detailsOf(proposal).map((detail) => linked(detail)),
            ...(typeof proposal.data.overdraftLimit === 'string'
              ? [['Overdraft limit', <LimitAskedFor key="limit" of={proposal} />] as const]
              : []),
            ...(proposal.command === 'RefundPayment' && typeof proposal.data.amount === 'string'
              ? [['Amount', <RefundAskedFor key="amount" of={proposal} />] as const]
              : []),
            ...(proposal.command === 'ReopenPeriod'
              ? [['Period', <PeriodLink key="period" of={proposal} />] as const]
              : []),
            ...(proposal.command === 'WithdrawStatement'
              ? [['Statement', <StatementLink key="statement" of={proposal} />] as const]
              : []),
            ['Asked for by', proposal.maker],
            ['Asked for at', <Instant key="at" at={proposal.proposedAt} />],
            ['Lapses', <Instant key="lapses" at={proposal.expiresAt} />],
            ['Needs two persons', <RuleShown key="rule" of={proposal} />],
            ['Position in the ledger', proposal.position],
          ]}
        />
      </Card>
      {proposal.command === 'ImportStatement' ? <StatementAsked of={proposal} /> : null}
      {proposal.command === 'WithdrawStatement' && proposal.status === 'open' ? (
        <WithdrawalShown of={proposal} />
      ) : null}
      {proposal.status === 'open' ? <Deciding proposal={proposal} /> : null}
    </div>
  )
}

/** The rule in words, and the way to all of them for those who may see them. */
function RuleShown({ of: proposal }: { readonly of: Proposal }) {
  const { client } = useServices()
  const enabled = mayReadPolicies(useSession())
  const policies = useQuery({ ...policiesQuery(client), enabled }).data?.value.items
  const words = ruleWords(proposal, policies)
  if (!enabled) return words
  return (
    <Link to="/policies" className="text-accent underline underline-offset-4">
      {words}
    </Link>
  )
}

/** Whose account it is, for those who may see it. */
function AccountShown({ accountId }: { readonly accountId: string }) {
  const { client } = useServices()
  const session = useSession()
  const enabled = allows(session, 'accounts:read') || allows(session, 'accounts:read:any')
  const account = useQuery({ ...accountQuery(client, accountId), enabled, retry: false }).data?.value
  if (!account) return accountId
  return (
    <>
      <Link to="/accounts/$accountId" params={{ accountId }} className="text-accent underline underline-offset-4">
        {accountId}
      </Link>
      <span className="block text-sm text-ink-soft">
        {account.name === null ? '' : `${account.name}, `}
        {account.owner}
      </span>
    </>
  )
}

/** An account or a payment that is named can be looked at. */
function linked([name, value]: Detail): readonly [name: string, value: ReactNode] {
  if (name === 'Account') return [name, <AccountShown key={name} accountId={value} />]
  if (name !== 'Payment') return [name, value]
  return [
    name,
    <Link
      key={name}
      to="/payments/$paymentId"
      params={{ paymentId: value }}
      className="text-accent underline underline-offset-4"
    >
      {value}
    </Link>,
  ]
}

/** Which days they are, for those who may see it. */
function PeriodLink({ of: { data } }: { readonly of: Proposal }) {
  const { client } = useServices()
  const periodId = String(data.periodId)
  const enabled = mayReadPeriods(useSession())
  const period = useQuery({ ...periodQuery(client, periodId), enabled }).data?.value
  if (!enabled) return periodId
  return (
    <>
      <Link to="/periods/$periodId" params={{ periodId }} className="text-accent underline underline-offset-4">
        {period ? `${daysTitle(period)}, ${period.zone}` : periodId}
      </Link>
      {period ? <span className="block text-xs text-ink-soft">{periodId}</span> : null}
    </>
  )
}

/** The part of a payment that is to go back; the request names no currency, since the payment has it. */
function RefundAskedFor({ of: { data } }: { readonly of: Proposal }) {
  const { client } = useServices()
  const payment = useQuery({ ...paymentQuery(client, String(data.paymentId)), retry: false }).data?.value
  const currency = payment?.legs[0]?.currency
  const amount = String(data.amount)
  return currency === undefined ? `${amount} minor units` : formatMoney(BigInt(amount), currency)
}

/** How far below zero the account is to go, and how far it goes now, or went until it was approved. */
function LimitAskedFor({ of: { data, status, decided } }: { readonly of: Proposal }) {
  const { client } = useServices()
  const account = useQuery({ ...accountQuery(client, String(data.accountId)), retry: false }).data?.value
  const currency = account?.currency ?? data.currency
  const instead = status === 'open' ? account?.overdraftLimit : decided?.limitBefore
  if (typeof currency !== 'string') return String(data.overdraftLimit)
  return (
    <>
      {limitWords(String(data.overdraftLimit), currency)}
      {instead ? <span className="text-ink-soft"> instead of {limitWords(instead, currency)}</span> : null}
    </>
  )
}

/** What became of it, once that is known. */
function Outcome({ proposal }: { readonly proposal: Proposal }) {
  const { status, decided, maker, command } = proposal
  if (status === 'lapsed') {
    return (
      <Notice tone="warn" title="It lapsed">
        Nobody decided it in time, and nothing happened. Whoever still wants it asks for it again.
      </Notice>
    )
  }
  if (!decided) return null
  if (status === 'refused') {
    const title = decided.by === maker ? 'It was taken back' : 'It was refused'
    return (
      <Notice tone="warn" title={title}>
        {decided.by ?? 'Who decides'} said: {decided.reason ?? 'nothing'}. Nothing happened. <Instant at={decided.at} />
      </Notice>
    )
  }
  const paymentId = `pay-${decided.position.replace(':', '-')}`
  return (
    <Notice
      tone="good"
      title="Approved and done"
      action={
        command === 'MakePayment' || command === 'RefundPayment' ? (
          <LinkButton to="/payments/$paymentId" params={{ paymentId }} look="secondary">
            See the payment
          </LinkButton>
        ) : null
      }
    >
      {decided.by ? `${decided.by} approved it. ` : null}
      <Instant at={decided.at} />, position {decided.position}.
    </Notice>
  )
}

function Deciding({ proposal }: { readonly proposal: Proposal }) {
  const session = useSession()
  const isMine = proposal.maker === session.subject
  const mayDecide = allows(session, 'approvals:decide')
  const overtaken = useOvertaken(proposal)
  if (overtaken && (isMine || mayDecide)) {
    return (
      <div className="space-y-4">
        <OvertakenNotice why={overtaken} toDo={`${isMine ? 'Take it back' : 'Refuse it'}, so that it waits no more.`} />
        <RefuseProposal proposal={proposal} isMine={isMine} />
      </div>
    )
  }
  if (overtaken) return <OvertakenNotice why={overtaken} />
  if (isMine) {
    return (
      <div className="space-y-4">
        <p className="text-ink-soft">You asked for it, so somebody else has to approve it.</p>
        <RefuseProposal proposal={proposal} isMine />
      </div>
    )
  }
  return mayDecide ? <ApproveProposal proposal={proposal} /> : null
}
