import { useLocation } from '@tanstack/react-router'
import { useServices } from '../../services/app-context.ts'
import { Notice } from '../notice.tsx'

/** Tells what the address asked for in vain, until one asks for it rightly or goes to another page. */
export function IgnoredNotice() {
  const { path, parts } = useServices().ignored
  const { pathname, search } = useLocation()
  const now: Readonly<Record<string, unknown>> = search
  const still = pathname === path ? parts.filter(({ name }) => now[name] === undefined) : []
  if (still.length === 0) return null
  return (
    <div className="mx-auto mb-5 w-full max-w-5xl print:hidden">
      <Notice tone="warn" title="Part of the address was ignored">
        <ul>
          {still.map(({ name, value, why }) => (
            <li key={name}>
              <code className="text-xs break-all">
                {name}={value.slice(0, 100)}
              </code>{' '}
              {why}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  )
}
