import { Readable } from 'node:stream'
import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { startSpan } from '@micropay/runtime/telemetry/tracing'
import type { Caller } from '@micropay/schemas/api/token'
import { formatPosition, parsePositions } from '@micropay/schemas/position'
import type { Reader } from '../position/await-position.ts'
import { inSnapshot } from '../position/snapshot.ts'
import { changedAccounts } from './account-queries.ts'
import { type AccountStream, createAccountStream, MAX_PENDING } from './account-stream.ts'
import type { StreamHub } from './stream-hub.ts'
import { type Viewer, viewerOf } from './viewer.ts'

/**
 * GET /v1/account-events: server-sent events of the accounts that the caller may see, as
 * https://html.spec.whatwg.org/multipage/server-sent-events.html has them. A stream of ours is a Readable over a
 * generator, which Fastify sends with backpressure: what a client does not take is not made.
 */
export function addStreamRoutes(app: Http, reader: Reader<AccountsDatabase>, hub: StreamHub): void {
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  app.get(
    '/v1/account-events',
    { onRequest: app.allow('accounts:read', 'accounts:read:any'), schema: { produces: ['text/event-stream'] } },
    async (request, reply) => {
      if (hub.size() >= MAX_STREAMS) {
        throw new ProblemError('overloaded', 'too many live streams are open here: try again later', {
          headers: { 'retry-after': '5' },
        })
      }
      const lastEventId = request.headers['last-event-id']
      const from = lastEventId === undefined || lastEventId === '' ? [] : parsePositions(String(lastEventId))
      if (!from) throw new ProblemError('invalid_request', 'Last-Event-ID must be the id of an event, such as 0:1842')
      const gone = new AbortController()
      const signal = AbortSignal.any([closing.signal, gone.signal])
      const readable = Readable.from(accountEvents(reader, hub, request.caller, from, signal), { objectMode: false })
      readable.on('close', () => gone.abort())
      void endWithToken(reader, request.caller, readable, gone)
      return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(readable)
    },
  )
}

const MAX_STREAMS = 1_000
const HEARTBEAT_MS = 15_000
const RETRY_MS = 2_000
/** Changes of so many milliseconds go out together. */
const GATHER_MS = 50
const MAX_TIMER_MS = 2 ** 31 - 1

async function* accountEvents(
  reader: Reader<AccountsDatabase>,
  hub: StreamHub,
  caller: Caller,
  from: readonly { partition: number; seq: number }[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { clock } = reader
  const viewer = viewerOf(caller)
  const stream = createAccountStream(viewer, from)
  let woken = new AbortController()
  const remove = hub.add(stream, () => woken.abort())
  try {
    yield `retry: ${RETRY_MS}\n\n`
    let greeted = false
    while (!signal.aborted) {
      woken = new AbortController()
      const resumed = await resume(reader, viewer, stream)
      if (stream.takeResync()) {
        const position = stream.position()
        yield `id: ${position}\nevent: resync\ndata: ${JSON.stringify({ position })}\n\n`
      }
      for (const { id, at, account } of stream.take()) {
        const span = startSpan('event', reader.feed.traceOf(at), {
          attributes: { 'micropay.position': formatPosition(at) },
        })
        yield `id: ${id}\nevent: account\ndata: ${JSON.stringify(account)}\n\n`
        span?.end()
      }
      // An id without data sets where a client resumes from, and raises no event.
      if (!greeted && resumed) yield `id: ${stream.position()}\n\n`
      greeted ||= resumed
      if (stream.hasEvents() && resumed) continue
      const waitMs = resumed ? HEARTBEAT_MS : RETRY_MS
      const quiet = await clock.sleep(waitMs, AbortSignal.any([signal, woken.signal]))
      if (quiet) yield ': still here\n\n'
      else await clock.sleep(GATHER_MS, signal)
    }
  } finally {
    remove()
  }
}

/** Reads again what was missed, if anything was. False when the model does not answer: it stays missed. */
async function resume(reader: Reader<AccountsDatabase>, viewer: Viewer, stream: AccountStream): Promise<boolean> {
  const since = stream.resumeFrom()
  if (!since) return true
  const found = await inSnapshot(reader.model, async ({ db, head }) => ({
    head: head.positions,
    rows: since.length === 0 ? [] : await changedAccounts(db, viewer, since, MAX_PENDING),
  })).catch(() => undefined)
  if (found) stream.resumed(found.rows, found.head)
  else stream.miss()
  return found !== undefined
}

/** Lets the stream end when its token does, and cuts it off when its client has stopped reading. */
async function endWithToken(
  { clock }: Reader<AccountsDatabase>,
  caller: Caller,
  readable: Readable,
  gone: AbortController,
) {
  const leftMs = Math.min(Math.max(0, caller.expiresAt - clock.nowMs()), MAX_TIMER_MS)
  const expired = await clock.sleep(leftMs, gone.signal)
  if (!expired) return
  gone.abort()
  await clock.sleep(CUT_OFF_AFTER_MS)
  readable.destroy()
}

const CUT_OFF_AFTER_MS = 1_000
