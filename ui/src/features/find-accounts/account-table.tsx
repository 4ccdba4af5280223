import type { Account } from '@micropay/schemas/api/account'
import { Link } from '@tanstack/react-router'
import { AccountStatusBadge } from '../../components/badge.tsx'
import { LiveMoney, Money } from '../../components/money.tsx'
import type { Sorts } from '../../components/sort-rows.ts'
import { Cell, type Column, type Sorting, Table } from '../../components/table.tsx'

const columns: readonly Column[] = [
  { name: 'Account', sort: 'name' },
  { name: 'Type', sort: 'type', className: 'hidden md:table-cell' },
  { name: 'Owner', sort: 'owner', className: 'hidden lg:table-cell' },
  { name: 'Status', sort: 'status', className: 'hidden sm:table-cell' },
  { name: 'Balance', align: 'right', sort: 'balance', descendingFirst: true },
  {
    ...{ name: 'Available', align: 'right', className: 'hidden md:table-cell' },
    ...{ sort: 'available', descendingFirst: true },
  },
]

const inCurrency = ({ currency }: Account) => currency
export const accountSorts: Sorts<Account> = {
  name: { of: ({ name, accountId }) => name ?? accountId },
  type: { of: ({ type }) => type },
  owner: { of: ({ owner }) => owner },
  status: { of: ({ status }) => status },
  balance: { of: ({ balance }) => BigInt(balance), within: inCurrency },
  available: { of: ({ available }) => (available === null ? null : BigInt(available)), within: inCurrency },
}

type AccountTableProps = {
  readonly accounts: readonly Account[]
  /** The reporting zone, which goes along to an account's statement. */
  readonly zone: string | undefined
  readonly sorting: Sorting
}

export function AccountTable({ accounts, zone, sorting }: AccountTableProps) {
  return (
    <Table label="Accounts" columns={columns} sorting={sorting}>
      {accounts.map((account) => (
        <tr key={account.accountId} className="hover:bg-sunken">
          <Cell className="w-full max-w-0 sm:w-auto sm:max-w-72">
            <Link
              to="/accounts/$accountId"
              params={{ accountId: account.accountId }}
              search={{ zone }}
              className="flex min-h-11 flex-col justify-center font-medium hover:text-accent"
            >
              <span className="truncate">{account.name ?? account.accountId}</span>
              <span className="truncate text-xs font-normal text-ink-faint">{account.accountId}</span>
            </Link>
            {account.status === 'open' ? null : (
              <span className="sm:hidden">
                <AccountStatusBadge account={account} />
              </span>
            )}
          </Cell>
          <Cell className="hidden capitalize md:table-cell">{account.type}</Cell>
          <Cell className="hidden max-w-48 truncate lg:table-cell">{account.owner}</Cell>
          <Cell className="hidden sm:table-cell">
            <AccountStatusBadge account={account} />
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
