import type { Clock, Timer } from './clock.ts'
import {
  giveLeaseBack,
  type LeaseTable,
  lookAtLease,
  prepareLeaseTable,
  renewLease,
  type Tenure,
  takeLease,
} from './lease-table.ts'
import type { LeaseTimes, Waiting, WatchedLease } from './leases.ts'
import type { Logger } from './logger.ts'
import { type Connection, openConnection } from './pool.ts'

/** One lease, on a connection of its own, which lives for as long as it is asked for or held. */
export function openLease(options: OpenLeaseOptions): Omit<WatchedLease, 'tell' | 'told' | 'forget'> {
  const { clock, times, name, ownerId } = options
  const tenure = { name, ownerId, tenant: clock.randomId(), ttlMs: times.ttlMs }
  const state: LeaseState = { options, tenure, session: undefined, held: undefined, trouble: undefined }
  return {
    async acquire(signal, onWait) {
      if (state.held && !state.held.lost.signal.aborted) return !signal.aborted
      const over = () => endSession(state)
      signal.addEventListener('abort', over)
      try {
        await stopKeeping(state)
        return await askUntilOurs(state, signal, onWait)
      } finally {
        signal.removeEventListener('abort', over)
      }
    },
    async release() {
      const late = clock.timer(RELEASE_WITHIN_MS, () => endSession(state))
      await stopKeeping(state)
      await giveBack(state)
      late.cancel()
      endSession(state)
    },
    lost: () => state.held?.lost.signal ?? AbortSignal.abort(),
  }
}

export type OpenLeaseOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  readonly times: LeaseTimes
  readonly table: LeaseTable
  readonly mayRenew: () => boolean
  readonly name: string
  readonly ownerId: string
}

type LeaseState = {
  readonly options: OpenLeaseOptions
  readonly tenure: Tenure
  session: Connection | undefined
  held: Held | undefined
  /** Why the database does not answer, told once. */
  trouble: string | undefined
}

type Held = {
  term: string
  /** When it ends by time, if nothing renews it. */
  expiry: Timer
  lost: AbortController
  readonly stopped: AbortController
  keeping: Promise<void>
}

/** A session that ended holds nothing, so one that does not answer need not be told that the lease is given back. */
const RELEASE_WITHIN_MS = 1_000
/** Each statement is about one row by its key. */
const WITHIN_MS = 2_000

async function askUntilOurs(
  state: LeaseState,
  signal: AbortSignal,
  onWait: ((why: Waiting) => void) | undefined,
): Promise<boolean> {
  const { clock, times } = state.options
  while (!signal.aborted) {
    const answer = await attempt(state, () => take(state))
    if (signal.aborted) break
    if (typeof answer === 'object') {
      hold(state, answer)
      return true
    }
    onWait?.(answer)
    await clock.sleep(times.retryMs, signal)
  }
  endSession(state)
  return false
}

type Taken = { readonly term: string; readonly untilMs: number }

/** By a session that lives; whoever had the lease last in this process may have it at once. */
async function take(state: LeaseState, onlyIfOurs = false): Promise<Taken | 'held'> {
  const { clock, table } = state.options
  const { name, tenant, ttlMs } = state.tenure
  const { client } = await sessionOf(state)
  const seen = await lookAtLease(client, table, name, tenant)
  if (!(onlyIfOurs ? seen.isOurs : seen.isFree)) return 'held'
  // Time that passes on the way is not ours.
  const untilMs = clock.monotonicMs() + ttlMs
  const term = await takeLease(client, table, state.tenure, seen)
  return term === undefined ? 'held' : { term, untilMs }
}

async function attempt<Answer>(state: LeaseState, work: () => Promise<Answer>): Promise<Answer | 'unreachable'> {
  const { log, name } = state.options
  try {
    const answer = await work()
    if (state.trouble !== undefined) log.info({ lease: name }, 'the lease database answers again')
    state.trouble = undefined
    return answer
  } catch (error) {
    endSession(state)
    const trouble = error instanceof Error ? error.message : String(error)
    if (trouble !== state.trouble) log.warn({ err: error, lease: name }, 'the lease could not be asked for')
    state.trouble = trouble
    return 'unreachable'
  }
}

async function sessionOf(state: LeaseState): Promise<Connection> {
  const { session, options } = state
  if (session && !session.lost.aborted) return session
  const opened = openConnection(options.url, {
    application_name: `lease ${options.name}`,
    statement_timeout: WITHIN_MS,
    connectionTimeoutMillis: WITHIN_MS,
  })
  state.session = opened
  await opened.client.connect()
  await prepareLeaseTable(opened.client, options.table)
  return opened
}

function endSession(state: LeaseState): void {
  state.session?.client.end().catch(() => undefined)
  state.session = undefined
}

function hold(state: LeaseState, { term, untilMs }: Taken): void {
  const lost = new AbortController()
  const expiry = expiryOf(state, lost, untilMs)
  const held: Held = { term, expiry, lost, stopped: new AbortController(), keeping: Promise.resolve() }
  state.held = held
  state.options.log.info({ lease: state.options.name, term }, 'holds the lease')
  held.keeping = keep(state, held)
}

function expiryOf({ options: { clock, log, name } }: LeaseState, lost: AbortController, untilMs: number): Timer {
  return clock.timer(Math.max(0, untilMs - clock.monotonicMs()), () => {
    log.warn({ lease: name }, 'the lease was not renewed in time: another one may have it')
    lost.abort()
  })
}

/**
 * Renews the lease until it is released, or another one has it. One whose session was lost, or that was not renewed in
 * time, is still ours for as long as nobody else has come.
 */
async function keep(state: LeaseState, held: Held): Promise<void> {
  const { clock, times, log, name, mayRenew } = state.options
  const stopped = held.stopped.signal
  let waitMs = times.ttlMs / 3
  while (!stopped.aborted) {
    await clock.sleep(waitMs, AbortSignal.any([stopped, state.session?.lost ?? stopped]))
    if (stopped.aborted) return
    if (state.session?.lost.aborted) endSession(state)
    const renewed = mayRenew() ? await attempt(state, () => renew(state, held)) : 'unrenewed'
    if (stopped.aborted) return
    if (renewed === 'held') {
      log.warn({ lease: name }, 'another one has the lease')
      held.expiry.cancel()
      held.lost.abort()
      return endSession(state)
    }
    waitMs = typeof renewed === 'object' ? times.ttlMs / 3 : times.retryMs
    if (typeof renewed === 'object') extend(state, held, renewed)
  }
}

async function renew(state: LeaseState, held: Held): Promise<Taken | 'held'> {
  const { clock, table } = state.options
  if (!state.session) return take(state, true)
  const untilMs = clock.monotonicMs() + state.tenure.ttlMs
  const isOurs = await renewLease(state.session.client, table, state.tenure, held.term)
  return isOurs ? { term: held.term, untilMs } : 'held'
}

function extend(state: LeaseState, held: Held, { term, untilMs }: Taken): void {
  held.expiry.cancel()
  if (held.lost.signal.aborted) held.lost = new AbortController()
  held.term = term
  held.expiry = expiryOf(state, held.lost, untilMs)
}

async function stopKeeping({ held }: LeaseState): Promise<void> {
  held?.stopped.abort()
  held?.expiry.cancel()
  await held?.keeping
}

async function giveBack(state: LeaseState): Promise<void> {
  const { session, held, options, tenure } = state
  state.held = undefined
  held?.lost.abort()
  if (!held || !session || session.lost.aborted) return
  await giveLeaseBack(session.client, options.table, tenure.name, tenure.tenant).catch((error: unknown) => {
    options.log.warn({ err: error, lease: tenure.name }, 'the lease was not given back: it ends with its connection')
  })
}
