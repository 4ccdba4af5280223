import { CSPProvider } from '@base-ui/react/csp-provider'
import type { Session } from '@micropay/schemas/api/token'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, Outlet, useMatches } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { problemOfError } from '../api/problem.ts'
import { allows, sessionQuery } from '../api/session.ts'
import { Button } from '../components/button.tsx'
import { IgnoredNotice } from '../components/failure/ignored-notice.tsx'
import { KeptNotice } from '../components/failure/kept-notice.tsx'
import { LateNotice } from '../components/failure/late-notice.tsx'
import { NotAllowedPage } from '../components/failure/not-allowed-page.tsx'
import { Logo } from '../components/icons.tsx'
import { ProblemNotice } from '../components/notice.tsx'
import { ToastProvider, Toasts } from '../components/toasts.tsx'
import { followAccounts } from '../data/accounts/follow-accounts.ts'
import type { LiveState } from '../data/accounts/live-accounts.ts'
import { SignInPage } from '../features/sign-in/sign-in-page.tsx'
import { LiveContext, SessionContext, useServices } from '../services/app-context.ts'
import { homeOf } from './navigation.ts'
import { isKeptFor } from './routes/readers.ts'
import { Shell } from './shell.tsx'

/** Shows the pages to whoever is signed in, and the way in to everybody else. */
export function App() {
  return (
    <CSPProvider disableStyleElements>
      <ToastProvider limit={3}>
        <Gate />
        <Toasts />
      </ToastProvider>
    </CSPProvider>
  )
}

function Gate() {
  const { client } = useServices()
  const { data: session, error, refetch } = useQuery(sessionQuery(client))
  const mayRead = session ? allows(session, 'accounts:read') || allows(session, 'accounts:read:any') : false
  const live = useLiveAccounts(mayRead, session?.subject)
  if (session === null) return <SignInPage />
  if (session === undefined) return error ? <NoAnswer error={error} onRetry={() => refetch()} /> : <Opening />
  return (
    <SessionContext value={session}>
      <LiveContext value={live}>
        <Shell>
          <AllowedPage session={session} />
        </Shell>
      </LiveContext>
    </SessionContext>
  )
}

/**
 * The page at the address, or whom it is for; asked here once, so that no page asks the server for what it must refuse.
 * The start is a customer's; others begin with their own first page.
 */
function AllowedPage({ session }: { readonly session: Session }) {
  const path = useMatches({ select: (matches) => matches.at(-1)?.fullPath })
  const page = useMatches({ select: (matches) => matches.at(-1)?.staticData })
  const isFor = page && isKeptFor(session, page)
  if (isFor !== undefined) return <NotAllowedPage isFor={isFor} />
  const start = homeOf(session)
  if (path === '/' && start !== '/') return <Navigate to={start} replace />
  return (
    <>
      <IgnoredNotice />
      <LateNotice />
      <KeptNotice />
      <Outlet />
    </>
  )
}

function Opening() {
  return (
    <div role="status" className="flex min-h-dvh items-center justify-center">
      <Logo className="size-12" />
      <span className="sr-only">Opening MicroPay</span>
    </div>
  )
}

function NoAnswer({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-6 p-6">
      <h1 className="flex items-center gap-3 text-2xl font-bold">
        <Logo /> MicroPay
      </h1>
      <ProblemNotice problem={problemOfError(error)} action={<Button onClick={onRetry}>Try again</Button>} />
    </main>
  )
}

function useLiveAccounts(mayRead: boolean, subject: string | undefined): LiveState | undefined {
  const { clock, ownWrites } = useServices()
  const cache = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    if (!mayRead || subject === undefined) return
    const open = (path: string) => new EventSource(path)
    return followAccounts({ cache, clock, open, onResync: ownWrites.forget, onState: setState })
  }, [mayRead, subject, cache, clock, ownWrites])
  return mayRead ? state : undefined
}
