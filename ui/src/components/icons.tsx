import type { ReactNode } from 'react'

type IconProps = { readonly className?: string }

function Icon({ className = 'size-5', children }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

export const WalletIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4 7.5A2.5 2.5 0 0 1 6.5 5H17v3M4 7.5V17a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-7a2 2 0 0 0-2-2H6.5" />
    <path d="M16 13.5h.01" />
  </Icon>
)
export const SendIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M20 4 10.5 13.5M20 4l-6 16-3.5-6.5L4 10z" />
  </Icon>
)
export const ListIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M8 7h12M4 12h12M8 17h12" />
  </Icon>
)
export const DepositIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M5 20h14" />
  </Icon>
)
export const WithdrawIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M5 20h14" />
  </Icon>
)
export const JournalIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4 8h13m0 0-3.5-3.5M17 8l-3.5 3.5M20 16H7m0 0 3.5-3.5M7 16l3.5 3.5" />
  </Icon>
)
export const GaugeIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M4 18a9 9 0 1 1 16 0M12 14l4-5" />
  </Icon>
)
export const CheckIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
)
export const CrossIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m6.5 6.5 11 11m0-11-11 11" />
  </Icon>
)
export const WarnIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 8.5v4.5m0 3.5h.01M10.3 4.6 3.4 17a2 2 0 0 0 1.7 3h13.8a2 2 0 0 0 1.7-3L13.7 4.6a2 2 0 0 0-3.4 0z" />
  </Icon>
)
export const ClockIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 8v4.5l3 1.5" />
  </Icon>
)
export const UserIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="12" cy="8.5" r="3.5" />
    <path d="M5 20c.8-3.6 3.6-5.5 7-5.5s6.2 1.9 7 5.5" />
  </Icon>
)
export const ChevronIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m6 9.5 6 6 6-6" />
  </Icon>
)
export const PlusIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 5v14M5 12h14" />
  </Icon>
)

export const BalanceIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M12 4v16M8 20h8M5 7h14M5 7l-2.5 6h5zM19 7l-2.5 6h5z" />
  </Icon>
)
export const MoreIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="3" />
  </Icon>
)
export const CalendarIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M5 6.5h14V20H5zM5 10.5h14M9 4v4M15 4v4" />
  </Icon>
)
export const TreeIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M5 4v14h5M5 10h5M13 10h6M13 18h6" />
  </Icon>
)

export const LockIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3M12 14.5v2" />
  </Icon>
)
export const PeopleIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="9" cy="8.5" r="3" />
    <path d="M3 19.5c.6-3.2 3-5 6-5s5.4 1.8 6 5M15.5 6a3 3 0 0 1 0 5.5M17.5 15c1.8.8 3 2.3 3.5 4.5" />
  </Icon>
)

/** Up, down, or both ways where a column could be sorted by and is not. */
export function SortIcon({ direction }: { readonly direction: 'ascending' | 'descending' | undefined }) {
  return (
    <Icon className={`size-3.5 print:hidden ${direction ? '' : 'opacity-50'}`}>
      {direction === 'descending' ? null : <path d="m7.5 9.5 4.5-5 4.5 5" />}
      {direction === 'ascending' ? null : <path d="m7.5 14.5 4.5 5 4.5-5" />}
    </Icon>
  )
}

/** Two lines of a ledger, one for each side. */
export function Logo({ className = 'size-8' }: IconProps) {
  return (
    <svg viewBox="0 0 32 32" className={`shrink-0 ${className}`} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0d6b58" />
      <rect x="7" y="9" width="13" height="5" rx="2.5" fill="#fff" />
      <rect x="12" y="18" width="13" height="5" rx="2.5" fill="#8fe3c8" />
    </svg>
  )
}

/** Those that places of the navigation may have, by the names that pages call them in their declarations. */
export const placeIcons = {
  wallet: WalletIcon,
  send: SendIcon,
  list: ListIcon,
  deposit: DepositIcon,
  withdraw: WithdrawIcon,
  journal: JournalIcon,
  gauge: GaugeIcon,
  check: CheckIcon,
  clock: ClockIcon,
  balance: BalanceIcon,
  calendar: CalendarIcon,
  tree: TreeIcon,
  lock: LockIcon,
  people: PeopleIcon,
}
