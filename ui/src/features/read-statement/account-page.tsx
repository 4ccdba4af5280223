import type { Account } from '@micropay/schemas/api/account'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { allows } from '../../api/session.ts'
import { AccountStatusBadge } from '../../components/badge.tsx'
import { BalanceNews } from '../../components/balance-news.tsx'
import { LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ClockIcon, DepositIcon, SendIcon, WithdrawIcon } from '../../components/icons.tsx'
import { Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { ProposedNotices, useProposed } from '../../components/proposed-notice.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { accountQuery } from '../../data/accounts/get-account.ts'
import { useServices, useSession } from '../../services/app-context.ts'
import { BalanceFigures } from './balance-figures.tsx'
import { BalanceOnDay } from './balance-on-day.tsx'
import { ChangeAccountActions } from './change-account/change-account-actions.tsx'
import { Statement } from './statement.tsx'

const route = getRouteApi('/accounts/$accountId')

/** One account: what it holds now, live, and every movement that led there. */
export function AccountPage() {
  const { accountId } = route.useParams()
  const { client } = useServices()
  const query = useQuery(accountQuery(client, accountId))
  const proposed = useProposed(accountId)
  if (query.error && !query.data) {
    return (
      <Page title="Account">
        <QueryFailed error={query.error} onRetry={query.refetch} noun="account" />
      </Page>
    )
  }
  const account = query.data?.value
  return (
    <Page
      title={account?.name ?? undefined}
      lead={account ? <AccountLine account={account} /> : <Skeleton className="h-5.5 w-56" />}
      freshness={query.data?.freshness}
      actions={account ? <AccountActions account={account} /> : null}
    >
      <ProposedNotices proposals={proposed} currency={account?.currency} />
      {account?.status === 'frozen' ? <FrozenNotice frozen={account.frozen} /> : null}
      <Card className="mb-8 p-5 sm:p-6">
        <BalanceFigures account={account} />
        {account ? (
          <BalanceNews name={account.name ?? accountId} minor={account.balance} currency={account.currency} />
        ) : null}
      </Card>
      {account ? <BalanceOnDay account={account} /> : null}
      <Statement accountId={accountId} currency={account?.currency} />
    </Page>
  )
}

function FrozenNotice({ frozen }: Pick<Account, 'frozen'>) {
  const onlySending = frozen === 'outgoing'
  return (
    <div className="mb-5">
      <Notice tone="warn" title={onlySending ? 'This account cannot send' : 'This account is frozen'}>
        {onlySending
          ? 'Money can reach it. None can leave it until an operator lifts the freeze.'
          : 'No money can leave or reach it until an operator lifts the freeze.'}
      </Notice>
    </div>
  )
}

function AccountLine({ account }: { readonly account: Account }) {
  const mine = account.owner === useSession().subject
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <AccountStatusBadge account={account} />
      <span className="break-all">{account.accountId}</span>
      <span className="capitalize">{account.type}</span>
      {mine ? null : <span>Owner {account.owner}</span>}
      {account.ownerReference === null ? null : <span>Reference {account.ownerReference}</span>}
      {account.path === null ? null : <span className="break-all">{account.path}</span>}
      {account.openedOn === null ? null : <span>Since {account.openedOn}</span>}
      {account.type !== 'customer' && account.receivesFromCustomers ? <span>Customers can pay it</span> : null}
    </span>
  )
}

function AccountActions({ account }: { readonly account: Account }) {
  const session = useSession()
  const mine = account.owner === session.subject
  const open = account.status === 'open'
  const maySend = open && mine && allows(session, 'payments:make')
  const booked = account.type === 'customer' && allows(session, 'payments:book')
  const mayDeposit = booked && (open || account.frozen === 'outgoing')
  return (
    <>
      {maySend ? (
        <LinkButton to="/send" search={{ from: account.accountId }}>
          <SendIcon /> Send money
        </LinkButton>
      ) : null}
      {mayDeposit ? (
        <LinkButton to="/deposit" search={{ to: account.accountId }} look="secondary">
          <DepositIcon /> Deposit
        </LinkButton>
      ) : null}
      {booked && open ? (
        <LinkButton to="/withdraw" search={{ from: account.accountId }} look="secondary">
          <WithdrawIcon /> Withdraw
        </LinkButton>
      ) : null}
      {allows(session, 'audit:read') ? (
        <LinkButton to="/audit/accounts/$accountId" params={{ accountId: account.accountId }} look="secondary">
          <ClockIcon /> Replay
        </LinkButton>
      ) : null}
      {allows(session, 'accounts:manage') ? <ChangeAccountActions account={account} /> : null}
    </>
  )
}
