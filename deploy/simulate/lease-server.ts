import type { Clock } from '@micropay/runtime/clock'
import { type Lease, NOTICE_MS, type Notice, type Waiting } from '@micropay/runtime/leases'
import { ask, type Link } from './network.ts'
import type { Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'

/** Who should own a partition, as a table far from all processes says it. */
export type LeaseServer = {
  /** True when it is the asker's now. */
  take(ownerId: string): boolean
  release(ownerId: string): void
  tell(ownerId: string, text: string): void
  told(): readonly Notice[]
  forgetNotice(notice: Notice): void
  /**
   * `everybody` gets it, as when its table was restored; `nobody`, as when one who is gone has it; otherwise one at a
   * time.
   */
  gives: 'one' | 'everybody' | 'nobody'
  /** It ends before its time, and nobody is told. */
  forget(): void
  holder(): string | undefined
}

const TTL_MS = 6_000
const RETRY_MS = 1_000
const TIMEOUT_MS = 5_000

export function createLeaseServer(scheduler: Scheduler): LeaseServer {
  const notices = new Map<string, { readonly text: string; readonly untilMs: number }>()
  let held: { readonly ownerId: string; readonly untilMs: number } | undefined
  const holder = () => (held && held.untilMs > scheduler.nowMs() ? held.ownerId : undefined)
  const server: LeaseServer = {
    gives: 'one',
    holder,
    take(ownerId) {
      if (server.gives !== 'one') return server.gives === 'everybody'
      const other = holder()
      if (other !== undefined && other !== ownerId) return false
      held = { ownerId, untilMs: scheduler.nowMs() + TTL_MS }
      return true
    },
    release(ownerId) {
      if (held?.ownerId === ownerId) held = undefined
    },
    tell(ownerId, text) {
      notices.set(ownerId, { text, untilMs: scheduler.nowMs() + NOTICE_MS })
    },
    told: () =>
      Array.from(notices, ([ownerId, { text, untilMs }]) => ({
        ownerId,
        text,
        isRepeated: untilMs > scheduler.nowMs(),
      })),
    forgetNotice({ ownerId, text }) {
      if (notices.get(ownerId)?.text === text) notices.delete(ownerId)
    },
    forget() {
      held = undefined
    },
  }
  return server
}

export type LeasePortOptions = {
  readonly scheduler: Scheduler
  readonly server: LeaseServer
  readonly process: Process
  readonly link: Link
  readonly ownerId: string
}

/** The lease as one process reaches it: asked for again and again, and renewed in the background. */
export function openLeasePort({ scheduler, server, process, link, ownerId }: LeasePortOptions): Lease {
  const { clock } = process
  const request = <Answer>(label: string, serve: () => Answer) =>
    ask<Answer>({ scheduler, process, link, label, timeoutMs: TIMEOUT_MS }, ({ answer }) => answer(serve()))
  const take = (): Promise<'ours' | Waiting> =>
    request('take the lease', () => (server.take(ownerId) ? ('ours' as const) : ('held' as const))).catch(
      () => 'unreachable' as const,
    )
  let renewing: AbortController | undefined
  return {
    async acquire(signal, onWait) {
      renewing?.abort()
      while (!signal.aborted) {
        const taken = await take()
        if (taken === 'ours') {
          renewing = new AbortController()
          void renew(clock, take, renewing.signal)
          return true
        }
        onWait?.(taken)
        await clock.sleep(RETRY_MS, signal)
      }
      return false
    },
    async release() {
      renewing?.abort()
      await request('release the lease', () => server.release(ownerId)).catch(() => undefined)
    },
    tell: (text) => request('tell of evidence', () => server.tell(ownerId, text)),
    told: () => request('what was told', server.told),
    forget: (notice) => request('forget what was told', () => server.forgetNotice(notice)),
  }
}

async function renew(clock: Clock, take: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(TTL_MS / 3, signal)) await take()
}
