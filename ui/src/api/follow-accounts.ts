import type { Account } from '@micropay/schemas/account'
import type { QueryClient } from '@tanstack/react-query'
import type { BrowserClock } from '../app/browser-clock.ts'
import { accountOfEvent, type LiveState, refreshAround, showAccounts } from './live-accounts.ts'

type Options = {
  readonly cache: QueryClient
  readonly clock: BrowserClock
  readonly onState: (state: LiveState) => void
}

/** Balances reach the screen at once; the queries around them are asked again at most this often. */
const SHOW_EVERY_MS = 100
const REFRESH_EVERY_MS = 1000
const RECONNECT_AFTER_MS = 3000

/**
 * Follows GET /v1/account-events and keeps the cache in step. The browser resumes a broken stream by itself with Last-Event-ID;
 * one that it gave up on is opened anew, and everything on the screen is asked again, since events may be missing.
 */
export function followAccounts({ cache, clock, onState }: Options): () => void {
  let source: EventSource
  let cancelReconnect = () => {}
  let missed = false
  const toShow = new Map<string, Account>()
  const toRefresh = new Map<string, Account>()

  const connect = () => {
    source = new EventSource('/v1/account-events')
    onState('connecting')
    source.addEventListener('open', () => {
      onState('live')
      if (missed) void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
      missed = false
    })
    source.addEventListener('error', () => {
      missed = true
      onState('lost')
      if (source.readyState === EventSource.CLOSED) cancelReconnect = clock.after(RECONNECT_AFTER_MS, connect)
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
