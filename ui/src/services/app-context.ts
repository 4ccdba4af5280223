import type { Session } from '@micropay/schemas/api/token'
import { createContext, useContext } from 'react'
import type { Client } from '../api/client.ts'
import type { OwnWrites } from '../api/own-writes.ts'
import { allows } from '../api/session.ts'
import type { LiveState } from '../data/accounts/live-accounts.ts'
import type { BrowserClock } from '../time/browser-clock.ts'
import { usualZone } from '../time/reporting-zone.ts'
import type { IgnoredSearch } from './ignored-search.ts'

/** What every page may use: the way to the gateway, how far its own commands reached, and time and chance. */
export type Services = {
  readonly client: Client
  readonly ownWrites: OwnWrites
  readonly clock: BrowserClock
  /** What was not read of the address that the browser came with. */
  readonly ignored: IgnoredSearch
}

export const ServicesContext = createContext<Services | undefined>(undefined)
export const SessionContext = createContext<Session | undefined>(undefined)
export const LiveContext = createContext<LiveState | undefined>(undefined)

export function useServices(): Services {
  return present(useContext(ServicesContext), 'ServicesContext')
}

/** Who is signed in; pages are only shown to somebody who is. */
export function useSession(): Session {
  return present(useContext(SessionContext), 'SessionContext')
}

/**
 * The zone whose days are searched by and shown: for those who report, the one they have chosen; everybody else has
 * their own, which is none.
 */
export function useReportingZone(chosen: string | undefined): string | undefined {
  const reports = allows(useSession(), 'reconciliation:read')
  return chosen ?? (reports ? usualZone : undefined)
}

/** How the stream of live balances does; undefined for those who have none. */
export function useLiveState(): LiveState | undefined {
  return useContext(LiveContext)
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is not provided above this component`)
  return value
}
