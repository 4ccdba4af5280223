import type { AccountDecided, AccountStatus } from '@micropay/schemas/api/account'
import type { Payment } from '@micropay/schemas/api/payment'
import type { ReactNode } from 'react'

type Tone = 'good' | 'warn' | 'bad' | 'cool' | 'plain'

const tones: Record<Tone, string> = {
  good: 'bg-good-wash text-good',
  warn: 'bg-warn-wash text-warn',
  bad: 'bg-bad-wash text-bad',
  cool: 'bg-cool-wash text-cool',
  plain: 'bg-sunken text-ink-soft',
}

/** A word about a state; the word carries it, the colour helps to find it. */
export function Badge({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap
        ${tones[tone]}`}
    >
      {children}
    </span>
  )
}

const accountTones: Record<AccountStatus, Tone> = { open: 'good', frozen: 'cool', closed: 'plain' }
const accountWords: Record<AccountStatus, string> = { open: 'Open', frozen: 'Frozen', closed: 'Closed' }

type Standing = { readonly status: AccountStatus; readonly frozen?: AccountDecided['frozen'] | null }

/** Where a freeze stops only what leaves the account, it says so. */
export function AccountStatusBadge({ account: { status, frozen } }: { readonly account: Standing }) {
  const some = status === 'frozen' && frozen === 'outgoing'
  return <Badge tone={accountTones[status]}>{some ? 'Cannot send' : accountWords[status]}</Badge>
}

export function PaymentStatusBadge({ status }: { readonly status: Payment['status'] | 'submitted' }) {
  if (status === 'posted') return <Badge tone="good">Posted</Badge>
  if (status === 'pending') return <Badge tone="warn">Under way</Badge>
  if (status === 'submitted') return <Badge tone="warn">Submitted</Badge>
  return <Badge tone="bad">Refused</Badge>
}
