import { Readable } from 'node:stream'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { whenIdle } from '@micropay/runtime/when-idle'
import { isOver, whenOver } from '@micropay/runtime/when-over'
import { AccountStatus } from '@micropay/schemas/api/account'
import { type ReplayBroken, ReplayPage } from '@micropay/schemas/api/replay'
import { PayableId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import { formatPositions } from '@micropay/schemas/position'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { createPlaces } from '../answer/at-a-time.ts'
import { pageQuery } from '../answer/page.ts'
import { readAt } from '../position/await-position.ts'
import type { Head } from '../position/snapshot.ts'
import type { AuditRoutes } from './audit-routes.ts'
import { failedLine } from './failed-line.ts'
import { beforeAll, type ReplayState } from './replay.ts'
import { type Replay, replayAccount } from './replay-account.ts'
import { replayLines } from './replay-lines.ts'
import { takePage } from './replay-page.ts'

/**
 * GET /v1/audit/accounts/:accountId/replay: an account's history in the order of the log. A page of so many commits, or
 * with `Accept: application/x-ndjson` all of it, a step a line, as fast as the reader takes it. `from` begins at a
 * step; what lies before is folded all the same.
 */
export function addReplayRoutes(app: Http, routes: AuditRoutes): void {
  const { cursors, guard, clock } = routes
  const places = createPlaces(AT_A_TIME, `${AT_A_TIME} long replays are under way here: try again later`)
  app.get(
    '/v1/audit/accounts/:accountId/replay',
    { ...guard, schema: { params: ReplayParams, querystring: ReplayQuery, response: { 200: ReplayPage } } },
    async (request, reply) => {
      // The index only grows, so what is read of it after this reflects at least the position.
      const head = await readAt(routes, request, reply, async (snapshot) => snapshot.head)
      const { accountId } = request.params
      const { limit, cursor, from } = request.query
      const { tenant } = request.caller
      if (cursor !== undefined && from !== undefined) {
        throw new ProblemError('invalid_request', 'give cursor or from: a cursor says by itself where it goes on')
      }
      const list = ['replay', tenant, accountId]
      const begin = beginOf(cursors.open(list, cursor), from)
      const wantsAll = String(request.headers.accept ?? '').includes('application/x-ndjson')
      const isLong = wantsAll || begin.from > begin.start.step + limit
      if (isOver(reply)) return reply.hijack()
      const leave = isLong ? places.take() : () => undefined
      const gone = new AbortController()
      whenOver(reply, () => {
        leave()
        gone.abort()
      })
      try {
        const account = { accountId, tenant, stopped: stoppedAt(head) }
        const rest = replayAccount(routes, account, begin.start, isLong ? PLACES_A_PAGE : limit + 1, gone.signal)
        const first = await rest.next()
        if (first.done && cursor === undefined) {
          throw new ProblemError('not_found', 'there is no such account, or it is not yours to see')
        }
        const replay: Replay = { ...begin, first: first.value ?? undefined, rest }
        if (wantsAll) return sendLines(reply, routes, replay, { gone, leave })
        const { next, ...page } = await takePage(replay, limit, clock)
        leave()
        return { ...page, next: next ? cursors.seal(list, keysOf({ from: begin.from, start: next })) : null }
      } catch (error) {
        leave()
        throw error
      }
    },
  )
}

/**
 * Sends the lines, and gives the place back when they are read, or when their reader went away or takes nothing any
 * more.
 */
function sendLines(reply: FastifyReply, routes: AuditRoutes, replay: Replay, { gone, leave }: Held) {
  const { clock, closing, logger } = routes
  let advances = 0
  const onAdvance = () => {
    advances += 1
  }
  const lines = replayLines(replay, clock, onAdvance, (error) => failedLine(error, logger, 'a replay'))
  const readable = Readable.from(lines, { objectMode: false })
  const ended = new AbortController()
  readable.on('close', () => {
    ended.abort()
    leave()
  })
  /** The reader must not take what is cut off for the whole. */
  const cutOff = () => {
    readable.destroy()
    gone.abort()
  }
  closing.addEventListener('abort', cutOff, { signal: ended.signal })
  // A reader that holds a place and takes nothing would keep others out for ever.
  void whenIdle(clock, () => advances, IDLE_MS, ended.signal).then((isIdle) => isIdle && cutOff())
  return reply.type('application/x-ndjson').send(readable)
}

type Held = { readonly gone: AbortController; readonly leave: () => void }

/** Each holds a reader of the log, and decodes as fast as it may. */
const AT_A_TIME = 4
const PLACES_A_PAGE = 2_000
const IDLE_MS = 60_000

const ReplayParams = z.object({ accountId: PayableId })
const ReplayQuery = z.strictObject({
  ...pageQuery,
  from: z.coerce
    .number({ error: 'must be a step: a whole number from 1 on' })
    .int()
    .min(1)
    .max(999_999_999_999_999)
    .optional()
    .meta({ description: 'The step to begin with; not with `cursor`.' }),
})

function stoppedAt({ positions, stopped }: Head): ReplayBroken | undefined {
  if (stopped === undefined) return undefined
  return { position: formatPositions(positions), detail: `the index of the log stopped here: ${stopped}` }
}

type Begin = Pick<Replay, 'from' | 'start'>

function keysOf({ start, from }: Begin): (string | number)[] {
  const { seq, step, balance, currency, status } = start
  return [seq, step, balance.toString(), currency ?? '', status ?? '', from]
}

/** A cursor is signed, so what it says of the balance was computed here. */
function beginOf(keys: readonly string[] | undefined, asked = 1): Begin {
  if (!keys) return { start: beforeAll, from: asked }
  const [seq, step, balance = '0', currency, status, from = 1] = keys
  const start: ReplayState = {
    ...{ seq: Number(seq), step: Number(step), balance: BigInt(balance) },
    ...{
      currency: CurrencyCode.safeParse(currency).data ?? null,
      status: AccountStatus.safeParse(status).data ?? null,
    },
  }
  return { start, from: Number(from) }
}
