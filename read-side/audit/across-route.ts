import { Readable } from 'node:stream'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { isOver } from '@micropay/runtime/when-over'
import type { AcrossLine } from '@micropay/schemas/api/across'
import { verifyAcross } from '@micropay/write-side/verify/across/verify-across'
import type { Places } from '../answer/at-a-time.ts'
import { tellUnreachable } from '../position/await-position.ts'
import { readHeadOf } from '../position/snapshot.ts'
import type { AuditRoutes } from './audit-routes.ts'
import { brokenOffLine, failedLine } from './failed-line.ts'
import { progressUntil } from './progress-until.ts'
import { keepAcross } from './verifications.ts'

/**
 * GET /v1/audit/verify: reads all partitions side by side and says, line by line (NDJSON), how far it is and then what
 * they say of each other: of payments across them, what is under way and since when, and of facts of the whole ledger.
 * What each says by itself is verified by its own route.
 */
export function addAcrossRoute(app: Http, routes: AuditRoutes, places: Places): void {
  const readHead = readHeadOf(routes.model)
  app.get(
    '/v1/audit/verify',
    { ...routes.platformGuard, schema: { produces: ['application/x-ndjson'] } },
    async (request, reply) => {
      const head = await readHead().catch(tellUnreachable)
      if (!head) throw new ProblemError('not_found', 'the index of the log is not built yet')
      if (isOver(reply)) return reply.hijack()
      const leave = places.take()
      const gone = new AbortController()
      const { subject: by, tenant } = request.caller
      const asked = { partitions: head.positions.length, by, tenant }
      const readable = Readable.from(acrossLines(routes, asked, gone.signal), { objectMode: false })
      readable.on('close', () => {
        leave()
        gone.abort()
      })
      return reply.type('application/x-ndjson').send(readable)
    },
  )
}

type Asked = { readonly partitions: number; readonly by: string; readonly tenant: string }

async function* acrossLines(
  { log, model, clock, logger, closing }: AuditRoutes,
  { partitions, by, tenant }: Asked,
  gone: AbortSignal,
): AsyncGenerator<string> {
  let progress = { records: 0, of: 0 }
  const signal = AbortSignal.any([closing, gone])
  const work = verifyAcross(log, {
    ...{ partitions, clock, signal },
    onProgress: async (records, of) => {
      progress = { records, of }
      // Others are served between two batches.
      await clock.sleep(0)
    },
  })
  for await (const told of progressUntil(work, () => progress, clock)) yield lineOf({ progress: told })
  try {
    const verification = await work
    await keepAcross(model, { verification, by, tenant }).catch((error: unknown) =>
      logger.warn({ err: error }, 'a verification could not be kept'),
    )
    yield lineOf({ result: { verification } })
  } catch (error) {
    yield lineOf(signal.aborted ? brokenOffLine(signal) : failedLine(error, logger, 'a verification of all partitions'))
  }
}

function lineOf(line: AcrossLine): string {
  return `${JSON.stringify(line)}\n`
}
