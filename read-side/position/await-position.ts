import type { Clock } from '@micropay/runtime/clock'
import type { Connection } from '@micropay/runtime/pool'
import { ProblemError } from '@micropay/runtime/problem-error'
import { formatPositions, type Position } from '@micropay/schemas/position'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ChangeFeed } from './change-feed.ts'
import { isUnreachable } from './database-errors.ts'
import type { ReadModel } from './open-database.ts'
import { type ReadOptions, readOptionsOf } from './read-options.ts'
import { type Head, inSnapshot, type Snapshot } from './snapshot.ts'

/**
 * Answers a query from a snapshot that reflects at least the position that the request asks for, waiting for it when
 * need be, and sets `Position`, `Age` and `Behind` to what that snapshot reflects, and `Preference-Applied` to what was
 * heeded. Not there in time: 503 `projection_behind`, or with `handling=lenient` what there is, marked `Stale`; so is
 * what a stopped model holds. What is too far ahead to be reached is not waited for.
 */
export async function readAt<Tables, Result>(
  reader: Reader<Tables>,
  request: FastifyRequest,
  reply: FastifyReply,
  query: (snapshot: Snapshot<Tables>) => Promise<Result>,
): Promise<Result> {
  const options = readOptionsOf(request.headers)
  if (options.applied.length > 0) reply.header('preference-applied', options.applied.join(', '))
  const deadlineMs = reader.clock.monotonicMs() + options.waitMs
  await untilWorthALook(reader.feed, options)
  for (;;) {
    let leftMs = deadlineMs - reader.clock.monotonicMs()
    const answer = await inSnapshot(reader.model, async (snapshot) => {
      checkPartitions(snapshot.head, options)
      if (isOutOfReach(snapshot.head, options.atLeast)) leftMs = 0
      const stale = snapshot.head.ageSeconds === undefined || isBehind(snapshot.head, options.atLeast)
      if (stale && (leftMs > 0 || !options.lenient)) return { head: snapshot.head, stale }
      return { head: snapshot.head, stale, result: await query(snapshot) }
    }).catch(tellUnreachable)
    if (answer && 'result' in answer) {
      setFreshness(reply, answer.head, answer.stale || answer.head.stopped !== undefined)
      return answer.result
    }
    const built = answer?.head.ageSeconds !== undefined
    if (leftMs <= 0) throw built && answer ? behind(answer.head, options) : notBuilt()
    await (built ? reader.feed.reached(options.atLeast, leftMs) : reader.feed.refreshed(leftMs))
  }
}

/**
 * Answers a query from a snapshot of now, for what goes on after an answer has begun: 503 when there is no read model
 * any more, or it does not answer.
 */
export async function readNow<Tables, Result>(
  model: ReadModel<Tables>,
  query: (snapshot: Snapshot<Tables>) => Promise<Result>,
): Promise<Result> {
  const answer = await inSnapshot(model, async (snapshot) => ({ result: await query(snapshot) })).catch(tellUnreachable)
  if (!answer) throw notBuilt()
  return answer.result
}

/**
 * Waits as long as the model is known not to be there: a look that is too early would cost as much as the one that
 * answers. A feed whose connection is dead without knowing is not believed for long.
 */
async function untilWorthALook(feed: ChangeFeed, { atLeast, waitMs }: ReadOptions): Promise<void> {
  if (feed.isBehind(atLeast)) await feed.reached(atLeast, Math.min(waitMs, BELIEVED_MS))
}

const BELIEVED_MS = 250

/** What a service reads with; `Tables` are its own. */
export type Reader<Tables> = {
  readonly model: ReadModel<Tables>
  /** A connection of its own, not yet made. */
  readonly connection: () => Connection
  readonly feed: ChangeFeed
  readonly clock: Clock
}

function isBehind(head: Head, atLeast: readonly Position[]): boolean {
  return atLeast.some(({ partition, seq }) => {
    const at = head.positions.find((position) => position.partition === partition)
    return at === undefined || at.seq < seq
  })
}

/** No read model comes so far in the longest time that a reader waits: waiting would only hold what others need. */
function isOutOfReach(head: Head, atLeast: readonly Position[]): boolean {
  return isBehind(
    head,
    atLeast.map(({ partition, seq }) => ({ partition, seq: seq - FARTHEST_RECORDS })),
  )
}
export const FARTHEST_RECORDS = 1_000_000

/** `Age` in whole seconds (RFC 9111), rounded up so that it never claims less; `Behind` is the same with a decimal. */
function setFreshness(reply: FastifyReply, head: Head, stale: boolean): void {
  const { positions, ageSeconds } = head
  reply.header('position', formatPositions(positions))
  if (ageSeconds !== undefined)
    reply.header('age', String(Math.ceil(ageSeconds))).header('behind', ageSeconds.toFixed(1))
  if (stale) reply.header('stale', 'true')
}

function checkPartitions(head: Head, options: ReadOptions): void {
  const unknown = options.atLeast.find(({ partition }) => !head.positions.some((at) => at.partition === partition))
  if (!unknown) return
  const count = head.positions.length
  throw new ProblemError(
    'invalid_request',
    `At-Least names partition ${unknown.partition}, and the ledger has ${count}`,
  )
}

function behind(head: Head, options: ReadOptions): ProblemError {
  const position = formatPositions(head.positions)
  const wanted = formatPositions(options.atLeast)
  return new ProblemError(
    'projection_behind',
    `the read model is at ${position} and not yet at ${wanted}: ask again, or send Prefer: handling=lenient`,
    { headers: { 'retry-after': '1', position } },
  )
}

function notBuilt(): ProblemError {
  return new ProblemError('projection_behind', 'the read model is being built: ask again soon', {
    headers: { 'retry-after': '2' },
  })
}

/** For the `catch` of what asks the database: 503 when it is out of reach; any other error stays what it is. */
export function tellUnreachable(error: unknown): never {
  if (error instanceof ProblemError || !isUnreachable(error)) throw error
  const told = new ProblemError('projection_behind', 'the read model does not answer right now: ask again soon', {
    headers: { 'retry-after': '2' },
  })
  told.cause = error
  throw told
}
