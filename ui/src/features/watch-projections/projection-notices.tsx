import type { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Instant } from '../../components/instant.tsx'
import { Notice } from '../../components/notice.tsx'
import { type Rows, silenceOf } from './known-projections.ts'
import { failuresOf, listServices } from './services.ts'

type Asking = Pick<ReturnType<typeof useQuery>, 'data' | 'error' | 'refetch'>
type ProjectionNoticesProps = { readonly query: Asking; readonly rows: Rows }

/** What is wrong with the projections, or with asking for them, in words. */
export function ProjectionNotices({ query, rows }: ProjectionNoticesProps) {
  const stopped = rows.statuses.filter((status) => status.stopped !== null)
  const silent = listServices([...rows.statuses, ...rows.strangers].filter((one) => one.silent !== undefined))
  return (
    <>
      {silent.length > 0 ? (
        <Spaced>
          <Notice tone="bad" title="Some projection services do not say where they stand">
            {silent.map((service) => `${service} ${silenceOf(rows, service)}`).join('; ')}. What stands below of them is
            the last that was heard, and they may be further behind.
          </Notice>
        </Spaced>
      ) : null}
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="projection list" />
      ) : null}
      {query.error && query.data ? (
        <Spaced>
          <Notice tone="warn" title="These figures are no longer refreshed">
            The last answer stands below. Asking again every second.
          </Notice>
        </Spaced>
      ) : null}
      {stopped.length > 0 ? (
        <Spaced>
          <Notice
            tone="bad"
            title={`${stopped.length} ${stopped.length === 1 ? 'projection stands' : 'projections stand'} still`}
          >
            <ul>
              {stopped.map((status) => (
                <li key={`${status.schema}/${status.name}/${status.partition}`}>
                  {status.name} {status.version}, partition {status.partition}: {status.stopped}
                </li>
              ))}
            </ul>
            <p className="mt-2 text-ink-soft">
              Reads go on with what is held, and say that it is not current. Where the log holds another history than
              before, all goes on once the log is restored, or a person has accepted it by{' '}
              <code>npx pnpm@12 micropay resume</code>.
            </p>
          </Notice>
        </Spaced>
      ) : null}
      {failuresOf(rows.statuses).map(({ service, at, what, reason }) => (
        <Spaced key={service}>
          <Notice tone="bad" title={`The last ${what} of ${service} failed`}>
            <p>
              <Instant at={at} />: {reason}
            </p>
            <p className="mt-1 text-ink-soft">
              The version in use stays and is followed. This goes once a rebuild or a rollback succeeds.
            </p>
          </Notice>
        </Spaced>
      ))}
    </>
  )
}

function Spaced({ children }: { readonly children: ReactNode }) {
  return <div className="mb-5">{children}</div>
}
