import type { Clock } from '@micropay/runtime/clock'
import type { HeldLease } from '@micropay/runtime/lease-table'
import { type Said, type View, viewOf } from './directory.ts'
import type { Part, PartitionHolder, Share } from './share.ts'

/** What one worker makes of what it sees of all of them. */
export type OwnShares = {
  /** What is seen at this moment. */
  see(held: readonly HeldLease[]): void
  view(): View | undefined
  ownerOf(partition: number): PartitionHolder | undefined
  isAlone(): boolean
  /** Resolves once something was seen that was not seen before, or after that long. */
  changedWithin(withinMs: number): Promise<void>
  of(partition: number): Share
  /** What others are told of this worker, once they are to know of it. */
  said(url: string): string
  /** Wants nothing any more, and resolves once others have what it had, or nobody takes it, or after that long. */
  leave(withinMs: number): Promise<void>
}

export type OwnSharesOptions = {
  readonly ledgerId: string
  readonly partitions: number
  readonly workerId: string
  readonly clock: Clock
  /** Called when others are to be told something else. */
  readonly onSaid: () => void
}

type State = OwnSharesOptions & {
  view: View | undefined
  isLeaving: boolean
  /** What is followed to its end. */
  readonly ready: Set<number>
  readonly serving: Map<number, AbortController>
  readonly handedOver: Set<number>
  readonly freeSinceMs: Map<number, number>
  /** What was told of each last. */
  readonly told: Map<number, { readonly part: Part; readonly changed: AbortController }>
  change: PromiseWithResolvers<void>
}

/** So long the worker that shall have a partition has for it before the one that is next in line tries. */
const LEFT_FREE_MS = 3_000
const MOST_HANDED_OVER_AT_ONCE = 8

export function createOwnShares(options: OwnSharesOptions): OwnShares {
  const { ledgerId, partitions, workerId, clock, onSaid } = options
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const state: State = {
    ...options,
    ...{ view: undefined, isLeaving: false, ready: new Set(), serving: new Map(), handedOver: new Set() },
    freeSinceMs: new Map(),
    told: new Map(all.map((partition) => [partition, { part: 'own', changed: new AbortController() }])),
    change: Promise.withResolvers<void>(),
  }
  async function changedWithin(withinMs: number): Promise<void> {
    const over = new AbortController()
    await Promise.race([state.change.promise, clock.sleep(withinMs, over.signal)])
    over.abort()
  }
  return {
    see(held) {
      const before = state.view
      state.view = viewOf(held, { ledgerId, partitions }, before)
      note(state, state.view)
      handOver(state, state.view)
      tellParts(state)
      if (before && isSameView(before, state.view)) return
      state.change.resolve()
      state.change = Promise.withResolvers<void>()
    },
    view: () => state.view,
    ownerOf: (partition) => ownerOf(state, partition),
    isAlone: () => othersIn(state).every(([, { isLeaving }]) => isLeaving),
    changedWithin,
    of: (partition) => shareOf(state, partition),
    said(url) {
      const ready = [...state.ready].sort((one, other) => one - other)
      return JSON.stringify({ url, ready, leaving: state.isLeaving } satisfies Said)
    },
    async leave(withinMs) {
      state.isLeaving = true
      onSaid()
      tellParts(state)
      const untilMs = clock.monotonicMs() + withinMs
      const isTaken = () => othersIn(state).some(([, { isLeaving }]) => !isLeaving)
      const hasSome = () => state.view?.holders.includes(workerId) ?? false
      while (isTaken() && hasSome() && clock.monotonicMs() < untilMs) {
        await changedWithin(untilMs - clock.monotonicMs())
      }
    },
  }
}

function shareOf(state: State, partition: number): Share {
  return {
    part: () => partOf(state, partition),
    changed: () => state.told.get(partition)?.changed.signal ?? AbortSignal.abort(),
    serving() {
      const controller = new AbortController()
      state.serving.set(partition, controller)
      // It came back: whoever was to have it could not serve it.
      state.handedOver.delete(partition)
      if (state.view) handOver(state, state.view)
      return controller.signal
    },
    follows(toTheEnd) {
      if (state.ready.has(partition) === toTheEnd) return
      if (toTheEnd) state.ready.add(partition)
      else state.ready.delete(partition)
      state.onSaid()
    },
  }
}

function othersIn({ view, workerId }: State) {
  return Array.from(view?.workers ?? []).filter(([id]) => id !== workerId)
}

/** One that was given away, or that nobody has yet, is as good as had by who gets it. */
function ownerOf({ view, workerId, handedOver }: State, partition: number): PartitionHolder | undefined {
  const holder = view?.holders[partition]
  const isGone = holder === undefined || (holder === workerId && handedOver.has(partition))
  const owner = isGone ? view?.wanted[partition] : holder
  const url = owner === undefined ? undefined : view?.workers.get(owner)?.url
  if (owner === undefined || url === undefined) return undefined
  return { workerId: owner, url, isOurs: owner === workerId }
}

function partOf({ view, isLeaving, workerId, handedOver, freeSinceMs, clock }: State, partition: number): Part {
  // Without a word of others each asks for all, and the leases decide.
  if (!view) return isLeaving ? 'leave' : 'own'
  const { wanted, holders, next } = view
  if (wanted[partition] === workerId) return 'own'
  if (holders[partition] === workerId && !handedOver.has(partition)) return 'own'
  if (next[partition] !== workerId) return 'leave'
  const freeForMs = clock.monotonicMs() - (freeSinceMs.get(partition) ?? Number.POSITIVE_INFINITY)
  return freeForMs > LEFT_FREE_MS ? 'own' : 'follow'
}

function note({ freeSinceMs, handedOver, workerId, clock }: State, { holders, wanted }: View): void {
  for (const [partition, holder] of holders.entries()) {
    if (wanted[partition] === workerId) handedOver.delete(partition)
    if (holder !== undefined) freeSinceMs.delete(partition)
    else if (!freeSinceMs.has(partition)) freeSinceMs.set(partition, clock.monotonicMs())
  }
}

function tellParts(state: State): void {
  for (const [partition, { part: before, changed }] of state.told) {
    const part = partOf(state, partition)
    if (part === before) continue
    state.told.set(partition, { part, changed: new AbortController() })
    changed.abort()
  }
}

/** Some at a time: each is without an owner for a moment. */
function handOver({ workerId, handedOver, serving }: State, { wanted, holders, workers }: View): void {
  let underWay = [...handedOver].filter((partition) => holders[partition] === workerId).length
  for (const [partition, controller] of serving) {
    const taker = wanted[partition]
    if (taker === undefined || taker === workerId || handedOver.has(partition)) continue
    if (underWay >= MOST_HANDED_OVER_AT_ONCE || !workers.get(taker)?.ready.has(partition)) continue
    underWay += 1
    handedOver.add(partition)
    controller.abort()
  }
}

function isSameView(one: View, other: View): boolean {
  if (one.holders !== other.holders || one.workers.size !== other.workers.size) return false
  return [...one.workers].every(([id, { url, isLeaving }]) => {
    const now = other.workers.get(id)
    return now?.url === url && now.isLeaving === isLeaving
  })
}
