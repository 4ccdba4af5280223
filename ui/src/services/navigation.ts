import type { Session } from '@micropay/schemas/api/token'
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
import { isKeptFor } from './page-scopes.ts'

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
  const all: readonly Place[] = [
    { to: '/', name: 'Home', icon: WalletIcon },
    { to: '/send', name: 'Send', icon: SendIcon },
    { to: '/audit', name: 'Audit', icon: ClockIcon },
    { to: '/accounts', name: 'Accounts', icon: WalletIcon, hasZone: true },
    { to: '/payments', name: 'Payments', icon: ListIcon, hasZone: true },
    { to: '/deposit', name: 'Deposit', icon: DepositIcon },
    { to: '/withdraw', name: 'Withdraw', icon: WithdrawIcon },
    { to: '/trial-balance', name: 'Trial balance', icon: BalanceIcon, hasZone: true },
    { to: '/daily-totals', name: 'Daily totals', icon: CalendarIcon, hasZone: true },
    { to: '/chart-of-accounts', name: 'Chart', icon: TreeIcon, hasZone: true },
    { to: '/reconcile', name: 'Reconcile', icon: CheckIcon, hasZone: true },
    { to: '/projections', name: 'Projections', icon: GaugeIcon },
  ]
  // A customer has the start for what the list of all accounts is to others.
  const isHere = ({ to }: Place) => {
    if (to === '/') return isCustomer(session)
    return to === '/accounts' ? allows(session, 'accounts:read:any') : isKeptFor(session, to) === undefined
  }
  return all.filter(isHere)
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
