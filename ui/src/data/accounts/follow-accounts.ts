import type { Account } from '@micropay/schemas/api/account'
import type { QueryClient } from '@tanstack/react-query'
import { sessionKey } from '../../api/session.ts'
import type { BrowserClock } from '../../time/browser-clock.ts'
import { accountOfEvent, type LiveState, refreshAround, showAccounts } from './live-accounts.ts'

/** What is used of an EventSource. */
type EventStream = {
  readonly readyState: number
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

type Options = {
  readonly cache: QueryClient
  readonly clock: BrowserClock
  readonly open: (path: string) => EventStream
  /** Told when what this page wrote is of another ledger, too, and must not be waited for. */
  readonly onResync: () => void
  readonly onState: (state: LiveState) => void
}

/** Balances reach the screen at once; the queries around them are asked again at most this often. */
const SHOW_EVERY_MS = 100
const REFRESH_EVERY_MS = 1000
const RECONNECT_AFTER_MS = 3000

/** The states of an EventSource are numbers; this one is not tried again. */
const CLOSED = 2

/**
 * Follows GET /v1/account-events and keeps the cache in step. The browser resumes a broken stream by itself with
 * Last-Event-ID; one that it gave up on is opened anew, and everything on the screen is asked again, since events may
 * be missing. So it is when the server says `resync`: what was shown is of another ledger, or of before a restore. The
 * event's id is where the browser goes on from.
 */
export function followAccounts({ cache, clock, open, onResync, onState }: Options): () => void {
  let source: EventStream
  let cancelReconnect = () => {}
  let missed = false
  const toShow = new Map<string, Account>()
  const toRefresh = new Map<string, Account>()

  const readAgain = () => cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
  const connect = () => {
    source = open('/v1/account-events')
    onState('connecting')
    source.addEventListener('open', () => {
      onState('live')
      if (missed) void readAgain()
      missed = false
    })
    source.addEventListener('error', () => {
      missed = true
      onState('lost')
      if (source.readyState === CLOSED) cancelReconnect = clock.after(RECONNECT_AFTER_MS, connect)
    })
    source.addEventListener('resync', () => {
      toShow.clear()
      toRefresh.clear()
      onResync()
      void readAgain()
    })
    source.addEventListener('account', (event) => {
      const account = accountOfEvent(String(event.data))
      if (!account) return
      toShow.set(account.accountId, account)
      toRefresh.set(account.accountId, account)
    })
  }
  connect()
  let refreshedAtMs = 0
  const endTicks = clock.every(SHOW_EVERY_MS, () => {
    const nowMs = clock.nowMs()
    if (toShow.size > 0) showAccounts(cache, [...toShow.values()], nowMs)
    toShow.clear()
    if (toRefresh.size === 0 || nowMs - refreshedAtMs < REFRESH_EVERY_MS) return
    refreshedAtMs = nowMs
    refreshAround(cache, [...toRefresh.values()])
    toRefresh.clear()
  })
  return () => {
    endTicks()
    cancelReconnect()
    source.close()
  }
}
