import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/http'
import { formatPositions } from '@micropay/schemas/position'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { isBehind, setFreshness, untilWorthALook } from '../position/await-position.ts'
import type { ChangeFeed } from '../position/change-feed.ts'
import { readOptionsOf } from '../position/read-options.ts'
import { type IndexHead, readIndexHead } from './audit-index.ts'

/**
 * Waits until the index holds the position that the request asks for (`At-Least`), and sets `Position`, `Age` and `Behind` to what it holds. The index only grows, so
 * what is read after this reflects at least that.
 */
export async function readIndexedAt(
  { pool, feed, clock }: { readonly pool: Pool; readonly feed: ChangeFeed; readonly clock: Clock },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<IndexHead> {
  const options = readOptionsOf(request.headers)
  const deadlineMs = clock.monotonicMs() + options.waitMs
  await untilWorthALook(feed, options)
  for (;;) {
    const head = await readIndexHead(pool)
    const stale = head?.ageSeconds === undefined || isBehind({ positions: head.partitions }, options.atLeast)
    const leftMs = deadlineMs - clock.monotonicMs()
    const late = leftMs <= 0
    if (head && (!stale || (late && options.lenient))) {
      setFreshness(reply, { positions: head.partitions, ageSeconds: head.ageSeconds }, stale)
      return head
    }
    if (late) throw behind(head)
    await (head?.ageSeconds === undefined ? feed.refreshed(leftMs) : feed.reached(options.atLeast, leftMs))
  }
}

function behind(head: IndexHead | undefined): ProblemError {
  const at = head ? `the audit index is at ${formatPositions(head.partitions)}` : 'the audit index is not built yet'
  return new ProblemError('projection_behind', `${at}: ask again soon`, { headers: { 'retry-after': '1' } })
}
