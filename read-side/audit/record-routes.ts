import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { firstHash } from '@micropay/event-log/fold'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { type AuditClaim, RecordView } from '@micropay/schemas/api/audit'
import { PaymentReplay } from '@micropay/schemas/api/replay'
import { PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import { isPayment } from '@micropay/schemas/log/given'
import type { Position } from '@micropay/schemas/position'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readAt } from '../position/await-position.ts'
import { type IndexedPlace, type PlacesAt, placesAt, placesOfPayment } from './audit-index.ts'
import type { AuditRoutes } from './audit-routes.ts'
import { checkedCommit, describeRecord, tryDecode } from './check-record.ts'
import { readPlaces } from './read-records.ts'
import { replayPayment, type SteppedCommit } from './replay-payment.ts'

/**
 * GET /v1/audit/records/:partition/:seq and /v1/audit/payments/:paymentId: what stands at a place of the ledger,
 * exactly; and /v1/audit/payments/:paymentId/steps: all that became of a payment, on all partitions.
 */
export function addRecordRoutes(app: Http, routes: AuditRoutes): void {
  const { guard } = routes
  app.get(
    '/v1/audit/records/:partition/:seq',
    { ...guard, schema: { params: RecordParams, response: { 200: RecordView } } },
    async (request, reply) => {
      const { partition, seq } = request.params
      const view = await viewAt(routes, request, reply, { partition, seq })
      if (!view) throw new ProblemError('not_found', `no record of the ledger claims the position ${partition}:${seq}`)
      return view
    },
  )
  app.get(
    '/v1/audit/payments/:paymentId',
    { ...guard, schema: { params: PaymentParams, response: { 200: RecordView } } },
    async (request, reply) => {
      const [, partition = 0, seq = 0] = request.params.paymentId.split('-').map(Number)
      const view = await viewAt(routes, request, reply, { partition, seq })
      const isPayment =
        view?.paymentId === request.params.paymentId || view?.record?.checks.some(({ passed }) => !passed)
      if (!view || !isPayment)
        throw new ProblemError('not_found', 'there is no such payment, or it is not yours to see')
      return view
    },
  )
  app.get(
    '/v1/audit/payments/:paymentId/steps',
    { ...guard, schema: { params: PaymentParams, response: { 200: PaymentReplay } } },
    async (request, reply) => {
      const { paymentId } = request.params
      const { tenant } = request.caller
      const places = await readAt(routes, request, reply, async (snapshot) => {
        const steps = await placesOfPayment(snapshot, tenant, paymentId)
        if (steps.length > 0) return steps
        const { partition, seq } = placeOfId(paymentId)
        const { commit } = await placesAt(snapshot, partition, seq)
        return commit?.tenant === tenant ? [commit] : []
      })
      const { commits, broken } = await commitsAt(routes.log, places, routes.closing)
      if (!broken && !commits.some(({ commit }) => isPayment(commit) || commit.causes !== undefined)) {
        throw new ProblemError('not_found', 'there is no such payment, or it is not yours to see')
      }
      return replayPayment(paymentId, commits, broken)
    },
  )
}

/** What stands at the places, up to the first that is not what was indexed. */
async function commitsAt(log: EventLog, places: readonly IndexedPlace[], signal: AbortSignal) {
  const commits: SteppedCommit[] = []
  const values = await bytesAt(log, places, signal)
  for (const place of places) {
    const value = values.get(place)
    const checked = value ? checkedCommit(place, value) : { broken: 'the log holds no record here any more' }
    if ('broken' in checked) {
      return { commits, broken: { position: `${place.partition}:${place.seq}`, detail: checked.broken } }
    }
    commits.push({ partition: place.partition, commit: checked.commit, hash: place.hash })
  }
  return { commits, broken: undefined }
}

const RecordParams = z.object({
  partition: z.coerce.number({ error: 'must be a partition, from 0 to 1023' }).int().min(0).max(1023),
  seq: z.coerce.number({ error: 'must be a sequence: a whole number from 1 on' }).int().min(1).max(999_999_999_999_999),
})
const PaymentParams = z.object({ paymentId: PaymentId })

/**
 * Undefined when nothing claims the place, or when what does belongs to another tenant, as it was indexed: bytes that
 * were changed may say anything.
 */
async function viewAt(
  routes: AuditRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  { partition, seq }: Position,
): Promise<RecordView | undefined> {
  const { tenant } = request.caller
  const places = await readAt(routes, request, reply, (snapshot) => placesAt(snapshot, partition, seq))
  if (places.commit && places.commit.tenant !== tenant) return undefined
  const genesis = seq === 1 && places.commit ? await readGenesis(routes.log, partition, routes.closing) : undefined
  const values = await valuesOf(routes.log, places, routes.closing)
  const { commit: place } = places
  const value = place && values.get(place)
  const decoded = value && tryDecode(value)
  const commit = decoded && 'kind' in decoded && decoded.kind === 'commit' ? decoded.commit : undefined
  const voids = places.voids.flatMap((one) => {
    const bytes = values.get(one)
    const inner = bytes && tryDecode(bytes)
    const foreign = inner && 'kind' in inner && inner.kind === 'commit' && inner.commit.tenant !== tenant
    return bytes && !foreign ? [describeRecord(one, bytes, undefined)] : []
  })
  if (!place && voids.length === 0) return undefined
  return {
    position: `${partition}:${seq}`,
    paymentId: commit && isPayment(commit) ? `pay-${partition}-${seq}` : null,
    decided: commit ?? null,
    record: place && value ? describeRecord(place, value, places.previous?.hash ?? genesis) : null,
    claim: claimOf(places.claim, places.claim && values.get(places.claim)),
    voids,
  }
}

/** The bytes of all places, by place; those of a truncated log are missing. */
async function valuesOf(log: EventLog, { commit, voids, claim }: PlacesAt, signal: AbortSignal) {
  const wanted = [commit, claim, ...voids].filter((place) => place !== undefined)
  wanted.sort((one, other) => (one.offset < other.offset ? -1 : 1))
  return bytesAt(log, wanted, signal)
}

/** `wanted` are of rising offsets in each partition. */
async function bytesAt(log: EventLog, wanted: readonly IndexedPlace[], signal: AbortSignal) {
  const values = new Map<IndexedPlace, Uint8Array>()
  try {
    for await (const { place, record } of readPlaces(log, wanted, signal)) values.set(place, record.value)
  } catch (error) {
    if (!(error instanceof LogError) || error.code !== 'log_truncated') throw error
    const detail = `the index names a record here that the log no longer holds: ${error.message}`
    throw new ProblemError('internal', `${detail}; this is an alarm, not a passing fault`)
  }
  return values
}

/** The hash that the first commit of a partition follows. */
async function readGenesis(log: EventLog, partition: number, signal: AbortSignal): Promise<string | undefined> {
  for await (const { record } of readPlaces(log, [{ partition, offset: 0n }], signal)) {
    const decoded = tryDecode(record.value)
    if ('kind' in decoded && decoded.kind === 'genesis') return firstHash(decoded.genesis.ledgerId, partition)
  }
  return undefined
}

function claimOf(place: IndexedPlace | undefined, value: Uint8Array | undefined): AuditClaim | null {
  if (!place || !value) return null
  const decoded = tryDecode(value)
  const record = () => describeRecord(place, value, undefined)
  if ('kind' in decoded && decoded.kind === 'resume') {
    const { epoch, actor, claimId, resumedAt } = decoded.resume
    return { epoch, claimId, ownerId: actor, claimedAt: resumedAt, record: record() }
  }
  if (!('kind' in decoded) || decoded.kind !== 'claim') return null
  const { epoch, ownerId, claimId, claimedAt } = decoded.claim
  return { epoch, ownerId, claimId, claimedAt, record: record() }
}
