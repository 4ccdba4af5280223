import type { Session } from '@micropay/schemas/token'
import type { ComponentType } from 'react'
import { allows } from '../api/session.ts'
import {
  BalanceIcon,
  CalendarIcon,
  CheckIcon,
  ClockIcon,
  DepositIcon,
  GaugeIcon,
  ListIcon,
  SendIcon,
  TreeIcon,
  WalletIcon,
  WithdrawIcon,
} from '../components/icons.tsx'

export type Place = {
  readonly to:
    | '/'
    | '/accounts'
    | '/send'
    | '/payments'
    | '/deposit'
    | '/withdraw'
    | '/projections'
    | '/trial-balance'
    | '/chart-of-accounts'
    | '/daily-totals'
    | '/reconcile'
    | '/audit'
  readonly name: string
  /** One that reports by days; the time zone that was chosen for one of them stays on the way to the next. */
  readonly hasZone?: true
  readonly icon: ComponentType<{ readonly className?: string }>
}

/** Where this person may go, most used first. */
export function placesFor(session: Session): Place[] {
  const may = (scope: Parameters<typeof allows>[1]) => allows(session, scope)
  const places: (Place | false)[] = [
    isCustomer(session) && { to: '/', name: 'Home', icon: WalletIcon },
    may('payments:make') && { to: '/send', name: 'Send', icon: SendIcon },
    may('audit:read') && { to: '/audit', name: 'Audit', icon: ClockIcon },
    may('accounts:read:any') && { to: '/accounts', name: 'Accounts', icon: WalletIcon, hasZone: true },
    (may('accounts:read') || may('accounts:read:any')) && {
      to: '/payments',
      name: 'Payments',
      icon: ListIcon,
      hasZone: true,
    },
    may('payments:book') && { to: '/deposit', name: 'Deposit', icon: DepositIcon },
    may('payments:book') && { to: '/withdraw', name: 'Withdraw', icon: WithdrawIcon },
    may('reconciliation:read') && { to: '/trial-balance', name: 'Trial balance', icon: BalanceIcon, hasZone: true },
    may('reconciliation:read') && { to: '/daily-totals', name: 'Daily totals', icon: CalendarIcon, hasZone: true },
    may('reconciliation:read') && { to: '/chart-of-accounts', name: 'Chart', icon: TreeIcon, hasZone: true },
    may('reconciliation:read') && { to: '/reconcile', name: 'Reconcile', icon: CheckIcon, hasZone: true },
    may('projections:read') && { to: '/projections', name: 'Projections', icon: GaugeIcon },
  ]
  return places.filter((place) => place !== false)
}

/** Someone with accounts of their own, rather than someone who looks after everybody's. */
export function isCustomer(session: Session): boolean {
  return allows(session, 'payments:make') || (allows(session, 'accounts:read') && !allows(session, 'accounts:read:any'))
}

/** The first page after signing in. */
export function homeOf(session: Session): Place['to'] {
  if (isCustomer(session)) return '/'
  return placesFor(session)[0]?.to ?? '/'
}
