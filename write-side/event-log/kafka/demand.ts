import { LogError } from '../event-log.ts'
import { typeOf } from './broker-error.ts'
import { type Fetched, fetchedOf } from './fetch.ts'
import type { PartitionAnswer } from './fetch-answer.ts'

/** What one reader wants of one partition. */
export type Demand = {
  readonly partition: number
  readonly from: bigint
  readonly maxBytes: number
  readonly sinceMs: number
  readonly resolve: (fetched: Fetched) => void
  readonly reject: (cause: unknown) => void
  /** Its reader has gone. */
  isDropped: boolean
}

/** The demands that a fetch asks for: those of one partition are from one offset on, since a fetch names it once. */
export type Poll = ReadonlyMap<number, Wanted>

type Wanted = {
  readonly partition: number
  readonly from: bigint
  maxBytes: number
  readonly demands: Demand[]
}

/** Takes out what one fetch can ask for, in its order. */
export function takePoll(wanting: Set<Demand>): Poll {
  const poll = new Map<number, Wanted>()
  for (const demand of wanting) {
    const { partition, from, maxBytes } = demand
    const wanted = poll.get(partition)
    if (wanted && wanted.from !== from) continue
    wanting.delete(demand)
    if (!wanted) poll.set(partition, { partition, from, maxBytes, demands: [demand] })
    else {
      wanted.maxBytes = Math.max(wanted.maxBytes, maxBytes)
      wanted.demands.push(demand)
    }
  }
  return poll
}

export function demandsOf(poll: Poll): Demand[] {
  return [...poll.values()].flatMap(({ demands }) => demands)
}

/**
 * Hands out what came. Who got nothing stays in the line (`left`), and hears of it once he has waited for a while; what
 * did not fit into the answer comes first next time.
 */
export function settlePoll(poll: Poll, answers: ReadonlyMap<number, PartitionAnswer>, nowMs: number): Settled {
  const left: Demand[] = []
  let isAtEnd = true
  let isAstray = false
  const bringing = [...answers.values()].filter(({ recordSet }) => recordSet.byteLength > 0).length
  for (const { partition, from, demands } of poll.values()) {
    try {
      const fetched = fetchedOf(ownBytes(answers.get(partition), bringing), from)
      const behind = from + BigInt(fetched.records.length)
      isAtEnd &&= fetched.end <= behind
      const isNews = fetched.records.length > 0 || fetched.end < from
      for (const demand of demands) {
        const isPatient = fetched.end > from || nowMs - demand.sinceMs < TELL_AFTER_MS
        if (isNews || !isPatient) demand.resolve(fetched)
        else if (!demand.isDropped) left.push(demand)
      }
    } catch (cause) {
      isAstray ||= isOfLeader(cause)
      for (const demand of demands) demand.reject(cause)
    }
  }
  return { left, isAtEnd, isAstray }
}

export type Settled = {
  readonly left: readonly Demand[]
  /** Of no partition there is more than what came. */
  readonly isAtEnd: boolean
  /** The broker leads one of them no more, or something else is wrong with it there. */
  readonly isAstray: boolean
}

const TELL_AFTER_MS = 450

/** Whether another broker may do what this one did not: not so for what is wrong with the records themselves. */
export function isOfLeader(cause: unknown): boolean {
  return !(cause instanceof LogError) && typeOf(cause) !== 'OFFSET_OUT_OF_RANGE'
}

/** A reader that is slow with a few records is not to keep what came for all others in memory. */
function ownBytes(answer: PartitionAnswer | undefined, bringing: number): PartitionAnswer | undefined {
  if (!answer || bringing < 2 || answer.recordSet.byteLength === 0) return answer
  return { ...answer, recordSet: Buffer.from(answer.recordSet) }
}
