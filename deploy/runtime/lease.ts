import { DatabaseError } from 'pg'
import type { Clock, Timer } from './clock.ts'
import type { LeaseSession } from './lease-session.ts'
import { giveLeaseBack, type LeaseTable, lookAtLease, renewLease, type Tenure, takeLease } from './lease-table.ts'
import type { LeaseTimes, Waiting, WatchedLease } from './leases.ts'
import type { Logger } from './logger.ts'
import type { Connection } from './pool.ts'
import { unlessAborted } from './unless-aborted.ts'

/** One lease of a process, on the connection that all of them share. */
export function openLease(options: OpenLeaseOptions): Omit<WatchedLease, 'tell' | 'told' | 'forget'> {
  const { clock, times, name, ownerId, session } = options
  const tenure = { name, ownerId, tenant: clock.randomId(), ttlMs: times.ttlMs }
  const state: LeaseState = {
    ...{ options, tenure, connection: undefined, held: undefined, trouble: undefined, said: undefined },
  }
  let leave = () => {}
  return {
    async acquire(signal, onWait) {
      if (state.held && !state.held.lost.signal.aborted) return !signal.aborted
      await stopKeeping(state)
      // What was lost by time has its lock still, on a connection that goes on.
      const leaveBefore = leave
      leave = session.enter()
      void giveBack(state)
      leaveBefore()
      const isOurs = await askUntilOurs(state, signal, onWait)
      if (!isOurs) leave()
      return isOurs
    },
    async release() {
      const late = Promise.withResolvers<void>()
      const timer = clock.timer(RELEASE_WITHIN_MS, late.resolve)
      await Promise.race([stopKeeping(state).then(() => giveBack(state)), late.promise])
      timer.cancel()
      leave()
    },
    lost: () => state.held?.lost.signal ?? AbortSignal.abort(),
    renew: () => state.held?.wake(),
  }
}

export type OpenLeaseOptions = {
  readonly session: LeaseSession
  readonly clock: Clock
  readonly log: Logger
  readonly times: LeaseTimes
  readonly table: LeaseTable
  readonly mayRenew: () => boolean
  readonly said: () => string | undefined
  readonly name: string
  readonly ownerId: string
}

type LeaseState = {
  readonly options: OpenLeaseOptions
  readonly tenure: Tenure
  /** On which it was asked for last, or is held. */
  connection: Connection | undefined
  held: Held | undefined
  /** Why the database does not answer, told once. */
  trouble: string | undefined
  /** What others were told last of the holder. */
  said: string | undefined
}

type Held = {
  term: string
  /** When it ends by time, if nothing renews it. */
  expiry: Timer
  lost: AbortController
  readonly stopped: AbortController
  /** Ends the pause until the next renewal. */
  wake: () => void
  keeping: Promise<void>
}

/** What does not answer ends with the last lease that needs it, and what it holds with it, or a bit later by itself. */
const RELEASE_WITHIN_MS = 1_000

async function askUntilOurs(
  state: LeaseState,
  signal: AbortSignal,
  onWait: ((why: Waiting) => void) | undefined,
): Promise<boolean> {
  const { clock, times, session, name } = state.options
  let told = Promise.withResolvers<void>()
  const stopListening = session.onChange((changed) => {
    if (changed === name) told.resolve()
  })
  try {
    while (!signal.aborted) {
      told = Promise.withResolvers<void>()
      const answer = await attempt(state, () => take(state), signal)
      if (answer === undefined) return false
      if (typeof answer === 'object') {
        hold(state, answer)
        return true
      }
      onWait?.(answer)
      await sleepUnlessTold(clock, times.retryMs, told.promise, signal)
    }
    return false
  } finally {
    stopListening()
  }
}

/** Whoever gave it back says so: nobody has to wait for the next try. */
async function sleepUnlessTold(clock: Clock, ms: number, told: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  await Promise.race([clock.sleep(ms, AbortSignal.any([signal, over.signal])), told])
  over.abort()
}

type Taken = { readonly term: string; readonly untilMs: number }

/** By a session that lives; whoever had the lease last in this process may have it at once. */
async function take(state: LeaseState, onlyIfOurs = false): Promise<Taken | 'held'> {
  const { clock, table, session } = state.options
  const { name, tenant, ttlMs } = state.tenure
  state.connection = undefined
  state.connection = await session.connected()
  return session
    .ask(state.connection, async (client) => {
      const seen = await lookAtLease(client, table, name, tenant)
      if (!(onlyIfOurs ? seen.isOurs : seen.isFree) || !session.claim(name, tenant)) return 'held'
      // Time that passes on the way is not ours.
      const untilMs = clock.monotonicMs() + ttlMs
      const said = state.options.said()
      const term = await takeLease(client, table, state.tenure, seen, said).catch((error: unknown) => {
        if (!onlyIfOurs) session.unclaim(name, tenant)
        throw error
      })
      state.said = said
      if (term !== undefined) return { term, untilMs }
      session.unclaim(name, tenant)
      return 'held'
    })
    .catch((error: unknown) => {
      // It goes on for others, and has no lock of ours.
      if (isOfItsRow(error)) state.connection = undefined
      throw error
    })
}

/** Undefined once the signal aborted: what is had after that is given back. */
async function attempt(
  state: LeaseState,
  work: () => Promise<Taken | 'held'>,
  signal: AbortSignal,
): Promise<Taken | 'held' | 'unreachable' | undefined> {
  const answer = answerOf(state, work)
  const first = await unlessAborted(answer, signal)
  if (!signal.aborted) return first
  void answer.then((late) => (typeof late === 'object' ? leaveToOthers(state, late.term) : undefined))
  return undefined
}

async function answerOf(
  state: LeaseState,
  work: () => Promise<Taken | 'held'>,
): Promise<Taken | 'held' | 'unreachable'> {
  const { log, name } = state.options
  try {
    const answer = await work()
    if (state.trouble !== undefined) log.info({ lease: name }, 'the lease database answers again')
    state.trouble = undefined
    return answer
  } catch (error) {
    if (!isOfItsRow(error)) letGo(state)
    const trouble = error instanceof Error ? error.message : String(error)
    if (trouble !== state.trouble) log.warn({ err: error, lease: name }, 'the lease could not be asked for')
    state.trouble = trouble
    return 'unreachable'
  }
}

/** What does not answer holds nothing that could be relied on, for whichever lease. */
function letGo(state: LeaseState): void {
  state.options.session.drop(state.connection)
  state.connection = undefined
}

/**
 * The database answers, and says that somebody has locked the row for longer than a statement may take: the other
 * leases keep their connection. SQLSTATE 57014 query_canceled.
 */
function isOfItsRow(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '57014'
}

function hold(state: LeaseState, { term, untilMs }: Taken): void {
  const lost = new AbortController()
  const expiry = expiryOf(state, lost, untilMs)
  const stopped = new AbortController()
  const held: Held = { term, expiry, lost, stopped, wake: () => {}, keeping: Promise.resolve() }
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
 * Renews the lease until it is released, another one has it, or the leases are closed. One whose session was lost, or
 * that was not renewed in time, is still ours for as long as nobody else has come.
 */
async function keep(state: LeaseState, held: Held): Promise<void> {
  const { clock, times, log, name, mayRenew, session } = state.options
  const stopped = AbortSignal.any([held.stopped.signal, session.closed])
  let waitMs = times.ttlMs / 3
  let isWoken = false
  let pause = new AbortController()
  held.wake = () => {
    isWoken = true
    pause.abort()
  }
  while (!stopped.aborted) {
    pause = new AbortController()
    const signal = AbortSignal.any([stopped, pause.signal, state.connection?.lost ?? stopped])
    if (!isWoken) await clock.sleep(waitMs, signal)
    isWoken = false
    if (stopped.aborted) return
    if (state.connection?.lost.aborted) state.connection = undefined
    const renewed = mayRenew() ? await attempt(state, () => renew(state, held), stopped) : 'unrenewed'
    if (renewed === undefined || stopped.aborted) return
    if (renewed === 'held') {
      log.warn({ lease: name }, 'another one has the lease')
      held.expiry.cancel()
      held.lost.abort()
      return leaveToOthers(state, held.term)
    }
    waitMs = typeof renewed === 'object' ? times.ttlMs / 3 : times.retryMs
    if (typeof renewed === 'object') extend(state, held, renewed)
  }
}

async function renew(state: LeaseState, held: Held): Promise<Taken | 'held'> {
  const { clock, table, session } = state.options
  if (!state.connection) return take(state, true)
  return session.ask(state.connection, async (client) => {
    const untilMs = clock.monotonicMs() + state.tenure.ttlMs
    const text = state.options.said()
    const isOurs = await renewLease(client, table, state.tenure, held.term, { text, isNew: text !== state.said })
    state.said = text
    return isOurs ? { term: held.term, untilMs } : 'held'
  })
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
  const { held } = state
  state.held = undefined
  held?.lost.abort()
  if (held) await leaveToOthers(state, held.term)
}

/** Of a term that another one has taken over nothing is left but its lock. */
async function leaveToOthers({ connection, options, tenure }: LeaseState, term: string): Promise<void> {
  const { session, table, log, name } = options
  session.unclaim(name, tenure.tenant)
  if (!connection || connection.lost.aborted) return
  await session
    .ask(connection, (client) => giveLeaseBack(client, table, tenure, term))
    .catch((error: unknown) => {
      log.warn({ err: error, lease: name }, 'the lease was not given back: it ends by time, or with its connection')
    })
}
