import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account } from '@micropay/schemas/api/account'
import { QueryClient } from '@tanstack/react-query'
import type { Reading } from '../../api/freshness.ts'
import { sessionKey } from '../../api/session.ts'
import type { BrowserClock } from '../../time/browser-clock.ts'
import { followAccounts } from './follow-accounts.ts'
import { accountKey } from './get-account.ts'
import type { LiveState } from './live-accounts.ts'

const account = Account.parse({
  accountId: 'ada:main',
  type: 'customer',
  currency: 'EUR',
  owner: 'customer:ada',
  name: null,
  status: 'open',
  overdraftLimit: '0',
  ...{ balance: '100', held: '0', due: '0' },
  available: '100',
  ...{
    ownerReference: null,
    path: null,
    frozen: null,
    receivesFromCustomers: true,
    openedOn: null,
    belowLimitSince: null,
  },
  openedAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
  position: '0:5',
})
const freshness = { position: '0:5', ageSeconds: 0, stale: false, receivedAtMs: 0 }
const listKey = ['payments', 'list', {}]
const auditKey = ['audit', 'record', '0:5']

/** A stream that says what the test lets it say, and a clock that ticks when told to. */
function following() {
  const cache = new QueryClient()
  cache.setQueryData(accountKey('ada:main'), { value: account, freshness })
  for (const key of [listKey, auditKey, sessionKey]) cache.setQueryData(key, 'what was shown')
  const streams: ReturnType<typeof silentStream>[] = []
  const states: LiveState[] = []
  const due: (() => void)[] = []
  let tick = () => {}
  let nowMs = 10_000
  let resyncs = 0
  const clock: BrowserClock = {
    nowMs: () => nowMs,
    newKey: () => 'key',
    after: (_durationMs, callback) => {
      due.push(callback)
      return () => {}
    },
    every: (periodMs, callback) => {
      tick = () => {
        nowMs += periodMs
        callback()
      }
      return () => {}
    },
  }
  const open = () => {
    const stream = silentStream()
    streams.push(stream)
    return stream
  }
  const end = followAccounts({
    ...{ cache, clock, open, onState: (state) => states.push(state) },
    onResync: () => {
      resyncs += 1
    },
  })
  const say = (type: string, data?: unknown) => streams.at(-1)?.listeners.get(type)?.({ data: JSON.stringify(data) })
  return {
    ...{ cache, streams, states, due, end, say },
    tick: () => tick(),
    resyncs: () => resyncs,
    isOutdated: (key: readonly unknown[]) => cache.getQueryState(key)?.isInvalidated,
    balance: () => cache.getQueryData<Reading<Account>>(accountKey('ada:main'))?.value.balance,
  }
}

function silentStream() {
  const listeners = new Map<string, (event: { readonly data?: unknown }) => void>()
  return { ...{ listeners, readyState: 0, close() {} }, addEventListener: listeners.set.bind(listeners) }
}

const ledgerKeys = [accountKey('ada:main'), listKey, auditKey]

test('a change shows with the next tick', () => {
  const { say, tick, balance } = following()
  say('account', { ...account, balance: '40', position: '0:6' })
  assert.equal(balance(), '100')
  tick()
  assert.equal(balance(), '40')
})

test('a resync has all that is shown read again, but who is signed in, and what was written forgotten', () => {
  const { say, isOutdated, resyncs } = following()
  say('open')
  assert.deepEqual(ledgerKeys.map(isOutdated), [false, false, false])
  say('resync', { position: '0:2' })
  assert.deepEqual(ledgerKeys.map(isOutdated), [true, true, true])
  assert.equal(isOutdated(sessionKey), false)
  assert.equal(resyncs(), 1)
})

test('a change that came before a resync, and was not shown yet, never is', () => {
  const { say, tick, balance } = following()
  say('account', { ...account, balance: '7', position: '0:9' })
  say('resync', { position: '0:2' })
  tick()
  assert.equal(balance(), '100')
})

test('after a resync the same stream goes on', () => {
  const { say, tick, balance, streams, cache } = following()
  say('resync', { position: '0:2' })
  const readAgain = { ...account, balance: '60', position: '0:2' }
  cache.setQueryData(accountKey('ada:main'), { value: readAgain, freshness: { ...freshness, position: '0:2' } })
  say('account', { ...account, balance: '55', position: '0:3' })
  tick()
  assert.equal(balance(), '55')
  assert.equal(streams.length, 1)
})

test('a stream that was lost has all read again when it is back, and one that was given up on is opened anew', () => {
  const { say, isOutdated, states, streams, due } = following()
  say('open')
  say('error')
  assert.equal(due.length, 0)
  const [first] = streams
  assert.ok(first)
  first.readyState = 2
  say('error')
  due[0]?.()
  assert.equal(streams.length, 2)
  assert.equal(isOutdated(listKey), false)
  say('open')
  assert.equal(isOutdated(listKey), true)
  assert.deepEqual(states, ['connecting', 'live', 'lost', 'lost', 'connecting', 'live'])
})
