import { Readable } from 'node:stream'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { isOver } from '@micropay/runtime/when-over'
import { VerificationList, type VerifyLine } from '@micropay/schemas/api/audit'
import type { Kept } from '@micropay/write-side/verify/compare-kept'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import { z } from 'zod'
import { createPlaces } from '../answer/at-a-time.ts'
import { tellUnreachable } from '../position/await-position.ts'
import { type HeadPosition, readHeadOf } from '../position/snapshot.ts'
import { addAcrossRoute } from './across-route.ts'
import type { AuditRoutes } from './audit-routes.ts'
import { compareIndex } from './compare-index.ts'
import { brokenOffLine, failedLine } from './failed-line.ts'
import { progressUntil } from './progress-until.ts'
import { keepVerification, lastSound, listVerifications } from './verifications.ts'

/**
 * GET /v1/audit/partitions/:partition/verify: folds the whole log and says, line by line (NDJSON), how far it is and
 * then what it found. The index's own checkpoint is compared with the fold at the same position. GET
 * /v1/audit/verifications: those that were made, newest first, and what they say of the log.
 */
export function addVerifyRoutes(app: Http, routes: AuditRoutes): void {
  const busy = `${AT_A_TIME} verifications are under way here, and each reads the whole log: try again later`
  const places = createPlaces(AT_A_TIME, busy)
  const readHead = readHeadOf(routes.model)
  app.get(
    '/v1/audit/partitions/:partition/verify',
    { ...routes.platformGuard, schema: { params: VerifyParams, produces: ['application/x-ndjson'] } },
    async (request, reply) => {
      const { partition } = request.params
      const head = await readHead().catch(tellUnreachable)
      const checkpoint = head?.positions.find((one) => one.partition === partition)
      if (!checkpoint) {
        throw new ProblemError('not_found', `the ledger has no partition ${partition}, or its index is not built yet`)
      }
      const kept = await lastSound(routes.model, partition).catch(tellUnreachable)
      if (isOver(reply)) return reply.hijack()
      const leave = places.take()
      const gone = new AbortController()
      const asked = { checkpoint, kept, ...{ by: request.caller.subject, tenant: request.caller.tenant } }
      const readable = Readable.from(verifyLines(routes, asked, gone.signal), { objectMode: false })
      readable.on('close', () => {
        leave()
        gone.abort()
      })
      return reply.type('application/x-ndjson').send(readable)
    },
  )
  addAcrossRoute(app, routes, places)
  app.get(
    '/v1/audit/verifications',
    {
      onRequest: app.allow('audit:read', 'platform:read'),
      schema: { querystring: z.strictObject({ limit }), response: { 200: VerificationList } },
    },
    async (request) => {
      const items = await listVerifications(routes.model, request.query.limit, request.caller.tenant).catch(
        tellUnreachable,
      )
      return { ...(await routes.schedule.state().catch(tellUnreachable)), items }
    },
  )
}

const limit = z.coerce.number().int().min(1).max(500).default(50)

const AT_A_TIME = 2
const VerifyParams = z.object({
  partition: z.coerce.number({ error: 'must be a partition, from 0 to 1023' }).int().min(0).max(1023),
})

type Asked = {
  readonly checkpoint: HeadPosition
  readonly by: string
  readonly tenant: string
  readonly kept: Kept | undefined
}

async function* verifyLines(
  { log, model, clock, logger, closing }: AuditRoutes,
  { checkpoint, by, tenant, kept }: Asked,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const { partition } = checkpoint
  const state = { progress: { records: 0, of: 0 }, foldHash: undefined as string | undefined }
  const signal = AbortSignal.any([closing, gone])
  const work = verifyPartition(log, partition, {
    ...{ clock, signal, kept },
    onProgress: async (records, of) => {
      state.progress = { records, of }
      // Others are served between two batches.
      await clock.sleep(0)
    },
    onCommit: ({ seq, hash }) => {
      if (seq === checkpoint.seq) state.foldHash = hash
    },
  })
  for await (const progress of progressUntil(work, () => state.progress, clock)) yield lineOf({ progress })
  try {
    const { verification, fold } = await work
    const index = compareIndex(checkpoint, state.foldHash)
    await keepVerification(model, { verification, fold, index, by, tenant }).catch((error: unknown) =>
      logger.warn({ err: error, partition }, 'a verification could not be kept'),
    )
    // What other tenants sealed, or have to settle, is not the caller's to see.
    const isOwn = (each: { readonly tenant: string }) => each.tenant === tenant
    const [sealedOtherwise, unsettled] = [
      verification.sealedOtherwise.filter(isOwn),
      verification.unsettled.filter(isOwn),
    ]
    yield lineOf({ result: { verification: { ...verification, sealedOtherwise, unsettled }, index } })
  } catch (error) {
    const failed = signal.aborted
      ? brokenOffLine(signal)
      : failedLine(error, logger, `a verification of partition ${partition}`)
    yield lineOf(failed)
  }
}

function lineOf(line: VerifyLine): string {
  return `${JSON.stringify(line)}\n`
}
