import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { openConnection, watchConnection } from '@micropay/runtime/pool'
import { createToldTraces, type ToldTraces } from '@micropay/runtime/telemetry/told-traces'
import { isTracing } from '@micropay/runtime/telemetry/tracing'
import { type Position, parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import type { AccountName } from './account-name.ts'
import type { Head } from './snapshot.ts'

/**
 * What the projection tells by NOTIFY, on one connection for all readers of this process: wakes those who wait for a
 * position, and hands changes to live streams. When the connection was lost, everybody is woken to look again.
 */
export function openChangeFeed(deps: ChangeFeedDeps): ChangeFeed {
  const stop = new AbortController()
  const state: FeedState = {
    deps,
    stop: stop.signal,
    seqs: new Map(),
    waiters: new Set(),
    listeners: new Set(),
    traces: createToldTraces(),
    notReady: 'it is not connected to the read model yet',
  }
  const running = listen(state)
  return {
    notReadyBecause: () => state.notReady,
    isBehind: (atLeast) =>
      state.notReady === undefined &&
      atLeast.every(({ partition }) => state.seqs.has(partition)) &&
      !isThere(state, atLeast),
    reached: (atLeast, timeoutMs) => (isThere(state, atLeast) ? Promise.resolve() : woken(state, atLeast, timeoutMs)),
    refreshed: (timeoutMs) => woken(state, undefined, timeoutMs),
    subscribe(listener) {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
    traceOf: ({ partition, seq }) => state.traces.of(partition, seq),
    async close() {
      stop.abort()
      await running
    },
  }
}

export type ChangeFeedDeps = {
  /** Where the read model stands; undefined when no projection has made it yet. */
  readonly readHead: () => Promise<Pick<Head, 'positions' | 'ageSeconds'> | undefined>
  readonly databaseUrl: string
  readonly channel: string
  readonly clock: Clock
  readonly logger: Logger
}

export type ChangeFeed = {
  notReadyBecause(): string | undefined
  /** Whether the model is known not to be there yet; false when nothing is known. */
  isBehind(atLeast: readonly Position[]): boolean
  /** Resolves once the model was told to be there, after the time, or when it is worth to look again. */
  reached(atLeast: readonly Position[], timeoutMs: number): Promise<void>
  /**
   * Resolves when the feed has found the model anew, built for this code or back after an outage, or after the time.
   */
  refreshed(timeoutMs: number): Promise<void>
  subscribe(listener: (change: Change) => void): () => void
  /** The trace of a change that was just told, where it is recorded. */
  traceOf(position: Position): string | undefined
  close(): Promise<void>
}

/** `accounts` is undefined when any account may have changed; so is `position` when changes may have been missed. */
export type Change = {
  readonly position: Position | undefined
  readonly accounts: readonly AccountName[] | undefined
}

type FeedState = {
  readonly deps: ChangeFeedDeps
  readonly stop: AbortSignal
  /** The last sequence that was told, by partition. */
  readonly seqs: Map<number, number>
  readonly waiters: Set<{ readonly atLeast: readonly Position[] | undefined; readonly wake: () => void }>
  readonly listeners: Set<(change: Change) => void>
  readonly traces: ToldTraces
  notReady: string | undefined
}

const RETRY_MS = 500
const ANSWER_WITHIN_MS = 5_000

async function listen(state: FeedState): Promise<void> {
  const { deps, stop } = state
  while (!stop.aborted) {
    const connection = openConnection(deps.databaseUrl, {
      application_name: 'read-side feed',
      statement_timeout: ANSWER_WITHIN_MS,
    })
    const { client, lost } = connection
    const tracesChannel = `${deps.channel}_traces`
    client.on('notification', ({ channel, payload }) => {
      if (channel === tracesChannel) state.traces.hear(payload ?? '')
      else noteChange(state, payload ?? '')
    })
    try {
      await client.connect()
      const channels = isTracing() ? [deps.channel, tracesChannel] : [deps.channel]
      for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`)
      const over = AbortSignal.any([stop, lost])
      const watching = watchConnection(connection, deps.clock, stop)
      await waitUntilBuilt(state, over)
      tellAll(state)
      await watching
    } catch (error) {
      if (!stop.aborted) deps.logger.warn({ err: error }, 'the change feed was lost')
    } finally {
      state.notReady = 'it is not connected to the read model'
      await client.end().catch(() => undefined)
    }
    tellAll(state)
    await deps.clock.sleep(RETRY_MS, stop)
  }
}

/** What was told on another connection may be ahead of what a restarted database kept, so positions are read anew. */
async function waitUntilBuilt(state: FeedState, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const head = await state.deps.readHead().catch((error: unknown) => {
      state.deps.logger.debug({ err: error }, 'the read model has no tables yet')
      return undefined
    })
    state.seqs.clear()
    for (const { partition, seq } of head?.positions ?? []) state.seqs.set(partition, seq)
    if (head?.ageSeconds !== undefined) {
      state.notReady = undefined
      return
    }
    state.notReady = 'the read model is being built'
    await state.deps.clock.sleep(RETRY_MS, signal)
  }
}

/** Of each tenant its name, and behind it the ids of its accounts. */
const ChangedAccounts = z.array(z.tuple([z.string()], z.string()))

/** `0:1842 [["acme","ada:main"]]`, or `0:1842 *`, as the projection tells it. */
function noteChange(state: FeedState, payload: string): void {
  const space = payload.indexOf(' ')
  const position = parsePositions(payload.slice(0, space))?.[0]
  if (!position) return
  const named = payload.slice(space + 1)
  state.seqs.set(position.partition, position.seq)
  for (const waiter of state.waiters) if (waiter.atLeast && isThere(state, waiter.atLeast)) waiter.wake()
  if (state.listeners.size === 0) return
  const accounts = accountsIn(named)
  for (const listener of state.listeners) listener({ position, accounts })
}

/** Undefined where it does not say which: of too many, and as older code tells it, which knew no tenants here. */
function accountsIn(named: string): AccountName[] | undefined {
  if (named === '*') return undefined
  const { data } = ChangedAccounts.safeParse(JSON.parse(named))
  return data?.flatMap(([tenant, ...ids]) => ids.map((accountId) => ({ tenant, accountId })))
}

function tellAll(state: FeedState): void {
  for (const waiter of state.waiters) waiter.wake()
  for (const listener of state.listeners) listener({ position: undefined, accounts: undefined })
}

function isThere(state: FeedState, atLeast: readonly Position[]): boolean {
  return atLeast.every(({ partition, seq }) => (state.seqs.get(partition) ?? -1) >= seq)
}

async function woken(state: FeedState, atLeast: readonly Position[] | undefined, timeoutMs: number): Promise<void> {
  const wake = new AbortController()
  const waiter = { atLeast, wake: () => wake.abort() }
  state.waiters.add(waiter)
  await state.deps.clock.sleep(timeoutMs, AbortSignal.any([wake.signal, state.stop]))
  state.waiters.delete(waiter)
}
