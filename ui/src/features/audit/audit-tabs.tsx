import { Link } from '@tanstack/react-router'

const tabs = [
  { to: '/audit', name: 'Replay' },
  { to: '/audit/verify', name: 'Verify' },
  { to: '/audit/accesses', name: 'Access log' },
] as const

/** The three places of an auditor. */
export function AuditTabs() {
  return (
    <nav aria-label="Audit" className="mb-6 border-b border-line print:hidden">
      <ul className="flex gap-1">
        {tabs.map(({ to, name }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: true, includeSearch: false }}
              className="min-target -mb-px flex items-center border-b-2 border-transparent px-3 text-sm font-medium
                text-ink-soft hover:text-ink aria-[current]:border-accent aria-[current]:font-semibold
                aria-[current]:text-accent"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
