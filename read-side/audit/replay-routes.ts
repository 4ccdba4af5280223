import { Readable } from 'node:stream'
import { type Http, ProblemError } from '@micropay/deploy/runtime/http'
import { AccountStatus } from '@micropay/schemas/account'
import { type ReplayBroken, ReplayPage, type ReplayStep } from '@micropay/schemas/audit'
import { AccountId } from '@micropay/schemas/identifiers'
import { CurrencyCode } from '@micropay/schemas/money'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { pageQuery } from '../accounts/page.ts'
import { readIndexedAt } from './await-index.ts'
import type { AuditRoutes } from './build-audit-app.ts'
import { beforeAll, type ReplayState } from './replay.ts'
import { replayAccount } from './replay-account.ts'

/**
 * GET /v1/audit/accounts/:accountId/replay: an account's history in the order of the log. A page of so many commits, or with `Accept: application/x-ndjson`
 * all of it, a step a line, as fast as the reader takes it. `from` begins at a step; what lies before is folded all the same.
 */
export function addReplayRoutes(app: Http, routes: AuditRoutes): void {
  const { cursors, preHandler } = routes
  app.get(
    '/v1/audit/accounts/:accountId/replay',
    { preHandler, schema: { params: ReplayParams, querystring: ReplayQuery, response: { 200: ReplayPage } } },
    async (request, reply) => {
      await readIndexedAt(routes, request, reply)
      const { accountId } = request.params
      const { limit, cursor, from } = request.query
      const { tenant } = request.caller
      if (cursor !== undefined && from !== undefined) {
        throw new ProblemError('invalid_request', 'give cursor or from: a cursor says by itself where it goes on')
      }
      const list = ['replay', tenant, accountId]
      const start = stateOf(cursors.open(list, cursor))
      const wantsAll = String(request.headers.accept ?? '').includes('application/x-ndjson')
      const gone = new AbortController()
      const signal = AbortSignal.any([routes.closing, gone.signal])
      const pageSize = wantsAll || from !== undefined ? PLACES_A_PAGE : limit + 1
      const commits = replayAccount(routes, { accountId, tenant }, start, pageSize, signal)
      const first = await commits.next()
      if (first.done && cursor === undefined) {
        gone.abort()
        throw new ProblemError('not_found', 'there is no such account, or it is not yours to see')
      }
      const replay = { first: first.value, rest: commits, from: from ?? 1 }
      if (!wantsAll) {
        return takePage(replay, limit, (state) => cursors.seal(list, keysOf(state))).finally(() => gone.abort())
      }
      const readable = Readable.from(linesOf(replay), { objectMode: false })
      readable.on('close', () => gone.abort())
      sendLines(reply, readable)
      return reply
    },
  )
}

function sendLines(reply: FastifyReply, readable: Readable): void {
  reply.type('application/x-ndjson').header('cache-control', 'no-store').send(readable)
}

const PLACES_A_PAGE = 2_000

const ReplayParams = z.object({ accountId: AccountId })
const ReplayQuery = z.strictObject({
  ...pageQuery,
  from: z.coerce.number().int().min(1).optional().meta({ description: 'The step to begin with; not with `cursor`.' }),
})

type Commits = ReturnType<typeof replayAccount>
type Replayed = Commits extends AsyncGenerator<infer Item> ? Item : never
type Replay = { readonly first: Replayed | undefined; readonly rest: Commits; readonly from: number }

async function* all({ first, rest }: Replay): AsyncGenerator<Replayed> {
  if (first) yield first
  yield* rest
}

async function takePage(replay: Replay, limit: number, seal: (state: ReplayState) => string): Promise<ReplayPage> {
  const items: ReplayStep[] = []
  let broken: ReplayBroken | null = null
  let commits = 0
  let last: ReplayState | undefined
  let next: string | null = null
  for await (const replayed of all(replay)) {
    if (commits === limit && last) {
      next = seal(last)
      break
    }
    if ('broken' in replayed) {
      broken = replayed.broken
      break
    }
    const steps = replayed.steps.filter(({ step }) => step >= replay.from)
    if (steps.length === 0) continue
    items.push(...steps)
    commits += 1
    last = replayed.state
  }
  return { items, next, broken }
}

/** The last line is `{"broken":…}` when the replay could not go on. */
async function* linesOf(replay: Replay): AsyncGenerator<string> {
  for await (const replayed of all(replay)) {
    if ('broken' in replayed) yield `${JSON.stringify({ broken: replayed.broken })}\n`
    else {
      const steps = replayed.steps.filter(({ step }) => step >= replay.from)
      if (steps.length > 0) yield steps.map((step) => `${JSON.stringify(step)}\n`).join('')
    }
  }
}

function keysOf({ seq, step, balance, currency, status }: ReplayState): (string | number)[] {
  return [seq, step, balance.toString(), currency ?? '', status ?? '']
}

/** A cursor is signed, so what it says of the balance was computed here. */
function stateOf(keys: readonly string[] | undefined): ReplayState {
  if (!keys) return beforeAll
  const [seq, step, balance = '0', currency, status] = keys
  return {
    ...{ seq: Number(seq), step: Number(step), balance: BigInt(balance) },
    ...{
      currency: CurrencyCode.safeParse(currency).data ?? null,
      status: AccountStatus.safeParse(status).data ?? null,
    },
  }
}
