import type { Account } from '@micropay/schemas/account'
import { Link } from '@tanstack/react-router'
import { AccountStatusBadge } from '../../components/badge.tsx'
import { LiveMoney, Money } from '../../components/money.tsx'
import { Cell, Table } from '../../components/table.tsx'

const columns = [
  { name: 'Account' },
  { name: 'Type', className: 'hidden md:table-cell' },
  { name: 'Owner', className: 'hidden lg:table-cell' },
  { name: 'Status', className: 'hidden sm:table-cell' },
  { name: 'Balance', align: 'right' },
  { name: 'Available', align: 'right', className: 'hidden md:table-cell' },
] as const

export function AccountTable({ accounts }: { readonly accounts: readonly Account[] }) {
  return (
    <Table label="Accounts" columns={columns}>
      {accounts.map((account) => (
        <tr key={account.accountId} className="h-16 hover:bg-sunken">
          <Cell className="max-w-48 sm:max-w-72">
            <Link
              to="/accounts/$accountId"
              params={{ accountId: account.accountId }}
              className="flex min-h-11 flex-col justify-center font-medium hover:text-accent"
            >
              <span className="truncate">{account.name ?? account.accountId}</span>
              <span className="truncate text-xs font-normal text-ink-faint">{account.accountId}</span>
            </Link>
            {account.status === 'open' ? null : (
              <span className="sm:hidden">
                <AccountStatusBadge status={account.status} />
              </span>
            )}
          </Cell>
          <Cell className="hidden capitalize md:table-cell">{account.type}</Cell>
          <Cell className="hidden max-w-48 truncate lg:table-cell">{account.owner}</Cell>
          <Cell className="hidden sm:table-cell">
            <AccountStatusBadge status={account.status} />
          </Cell>
          <Cell align="right" className="font-semibold">
            <LiveMoney minor={account.balance} currency={account.currency} />
          </Cell>
          <Cell align="right" className="hidden text-ink-soft md:table-cell">
            {account.available === null ? 'No limit' : <Money minor={account.available} currency={account.currency} />}
          </Cell>
        </tr>
      ))}
    </Table>
  )
}
