import type { History } from '@micropay/schemas/api/history'
import type { Traffic } from '@micropay/schemas/api/traffic'
import type { ReactNode } from 'react'
import { Badge } from '../../../components/badge.tsx'
import { Instant } from '../../../components/instant.tsx'

/** How services began to stand, newest first. */
export function ChangeList({ changes }: Pick<History, 'changes'>) {
  if (changes.length === 0) return <None>No service has changed.</None>
  return (
    <Lines label="Changes of services">
      {changes.map(({ at, service, status, reason }) => (
        <li key={`${at} ${service}`} className="py-2 text-sm">
          <span className="flex flex-wrap items-center gap-2">
            <Instant at={at} show="time" />
            <span className="font-medium">{service}</span>
            <Badge tone={status === 'not ready' ? 'bad' : reason === null ? 'good' : 'warn'}>{status}</Badge>
          </span>
          {reason === null ? null : <span className="block text-xs break-words text-ink-soft">{reason}</span>}
        </li>
      ))}
    </Lines>
  )
}

/** What each service logged last as an error, and who does not say. */
export function ErrorList({ errors, unreachable }: Pick<History, 'errors' | 'unreachable'>) {
  const told = errors.filter(({ lastError }) => lastError !== null)
  const quiet = errors.length - told.length
  return (
    <>
      {told.length + unreachable.length > 0 ? (
        <Lines label="The last error of each service">
          {unreachable.map(({ service, reason }) => (
            <li key={service} className="py-2 text-sm">
              <span className="font-medium">{service}</span> <span className="text-bad">{reason}</span>
            </li>
          ))}
          {told.map(({ service, lastError }) => (
            <li key={service} className="py-2 text-sm">
              <span className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{service}</span>
                {lastError ? <Instant at={lastError.at} /> : null}
              </span>
              <span className="block text-xs break-words text-ink-soft">{lastError?.text}</span>
            </li>
          ))}
        </Lines>
      ) : null}
      {quiet > 0 ? <None>{quiet} of those that answer logged none since they started.</None> : null}
    </>
  )
}

/** What services lack by now, by their own word. */
export function TroubleList({ traffic }: { readonly traffic: Traffic | undefined }) {
  const troubled = traffic?.upstreams.filter(({ reason }) => reason !== null) ?? []
  if (traffic === undefined) return <None>The gateway does not say.</None>
  if (troubled.length === 0) return <None>All are ready, and lack nothing.</None>
  return (
    <Lines label="What services lack">
      {troubled.map(({ name, reason }) => (
        <li key={name} className="py-2 text-sm">
          <span className="font-medium">{name}</span>
          <span className="block text-xs break-words text-ink-soft">{reason}</span>
        </li>
      ))}
    </Lines>
  )
}

/** A list that scrolls inside itself, and can be reached by keyboard. */
function Lines({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="mt-1 max-h-72 overflow-y-auto" aria-label={label} tabIndex={0}>
      <ul className="divide-y divide-line">{children}</ul>
    </section>
  )
}

function None({ children }: { readonly children: ReactNode }) {
  return <p className="mt-2 text-sm text-ink-soft">{children}</p>
}
