import { keyIn, type Parked } from '@micropay/event-log/parked'
import type { Http } from '@micropay/runtime/http'
import type { Logger } from '@micropay/runtime/logger'
import { ProblemError } from '@micropay/runtime/problem-error'
import {
  DropParked,
  ParkedDropped,
  ParkedList,
  type ParkedMessage,
  ParkedQuery,
  ParkedRetried,
  RetryParked,
} from '@micropay/schemas/api/parked'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import type { Message } from '@micropay/schemas/log/message'
import { z } from 'zod'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { notOwner } from '../handle/refusals.ts'
import type { SagaPorts } from '../handle/sagas/engine-state.ts'
import { ElsewhereError } from './route-commands.ts'

const problems = { '4xx': Problem, '5xx': Problem }
const tags = ['operating']
const params = z.object({ parkedId: z.string().max(128) })

/**
 * GET /v1/parked, POST /v1/parked/:parkedId/retry and /drop: what partitions could not handle of what others told them,
 * seen, tried again and given up. None of it moves money: a retry repeats what its sender says now, which every
 * receiver takes as often as it comes, and whoever still wants something after a drop asks again by itself.
 */
export function handleParked(app: Http, { owners, sagas }: ParkedDependencies): void {
  const listing = {
    tags,
    summary: 'Messages between partitions that could not be handled, last seen first',
    querystring: ParkedQuery,
    response: { 200: ParkedList, ...problems },
  }
  app.get('/v1/parked', { onRequest: app.allow('platform:read'), schema: listing }, async ({ query }) => {
    if (!sagas) return { items: [], counts: [] }
    const parked = await reached(sagas.parking.list(query.partition))
    // Counted behind it, so that what is listed is counted, unless it was dropped meanwhile.
    const counts = await reached(sagas.parking.counts())
    return { items: parked.slice(0, query.limit).map((each) => shownOf(each, sagas)), counts: [...counts] }
  })
  const onRequest = app.allow('platform:operate')
  const retrying = {
    tags,
    summary: 'Try a parked message again',
    params,
    body: RetryParked,
    response: { 202: ParkedRetried, ...problems },
  }
  app.post('/v1/parked/:parkedId/retry', { onRequest, schema: retrying }, async (request, reply) => {
    const { parked, ports } = await find(request.params.parkedId, sagas)
    const { partition, id } = parked
    const refusedAgain = !isTakeable(parked, ports, owners)
    await sendAgain(parked, ports)
    logged(request, { ...shownOf(parked, ports), refusedAgain }, 'a parked message was tried again')
    return reply.code(202).send({ id, partition, refusedAgain })
  })
  const dropping = {
    tags,
    summary: 'Give up a parked message',
    params,
    body: DropParked,
    response: { 200: ParkedDropped, ...problems },
  }
  app.post('/v1/parked/:parkedId/drop', { onRequest, schema: dropping }, async (request) => {
    const { parked, ports } = await find(request.params.parkedId, sagas)
    if (!(await reached(ports.parking.drop(parked.id)))) throw gone(parked.id)
    logged(request, { ...shownOf(parked, ports), why: request.body.reason }, 'a parked message was dropped')
    return { id: parked.id, partition: parked.partition }
  })
}

export type ParkedDependencies = {
  readonly owners: readonly PartitionOwner[]
  /** Undefined on a ledger of one partition, which has no messages. */
  readonly sagas: SagaPorts | undefined
}

function shownOf(
  { id, partition, value, reason, count, firstAt, lastAt }: Parked,
  { codec }: SagaPorts,
): ParkedMessage {
  const { fromLedger, says } = codec.claimOf(value)
  const [first, last] = [firstAt, lastAt].map((ms) => new Date(ms).toISOString())
  const seen = { count, firstAt: first ?? '', lastAt: last ?? '' }
  return { id, partition, fromLedger, says: says ?? null, bytes: value.byteLength, reason, ...seen }
}

async function find(id: string, ports: SagaPorts | undefined): Promise<{ parked: Parked; ports: SagaPorts }> {
  const key = keyIn(id)
  if (!key || !ports) throw gone(id)
  const all = await reached(ports.parking.list(key.partition))
  const parked = all.find((each) => each.id === id)
  if (!parked) throw gone(id)
  return { parked, ports }
}

function gone(id: string): ProblemError {
  return new ProblemError('not_found', `nothing is parked as ${id}: it was tried again or dropped before`)
}

/**
 * Whether its receiver may take it. What nobody of this ledger wrote is refused by every receiver; what a worker wrote
 * is tried again only while its sender says so, since a message may lie here for longer than the history that it tells.
 */
function isTakeable({ value, partition }: Parked, { codec }: SagaPorts, owners: readonly PartitionOwner[]): boolean {
  const message = codec.decode(value)
  if (!('fault' in message)) {
    if (message.to !== partition) return false
    checkSaid(message, owners)
    return true
  }
  if (!codec.claimOf(value).fromLedger) return false
  throw new ProblemError('parked_outdated', `${message.fault}. Try it again at a release that knows it, or drop it`)
}

/** The worker of its sender knows: whoever else is asked passes the request on. */
function checkSaid(message: Message, owners: readonly PartitionOwner[]): void {
  const { from } = message
  const isSaid = owners.find((owner) => owner.status().partition === from)?.says(message)
  if (isSaid) return
  if (isSaid === false) {
    const why = `partition ${from} does not say so any more: what it tells of has gone on, or is over, or is gone`
    throw new ProblemError('parked_outdated', `${why}. Drop it: whoever still wants something asks again`)
  }
  throw new ElsewhereError(from, notOwner(`whether partition ${from} still says so is not known here`))
}

/** It is never both parked and on its way: where it is not known whether it went, it is parked again. */
async function sendAgain(parked: Parked, { inbox, parking }: SagaPorts): Promise<void> {
  const { id, partition, reason, lastAt } = parked
  const taken = await reached(parking.take(id))
  if (!taken) throw gone(id)
  try {
    await reached(inbox.send([{ partition, value: taken.value }]))
  } catch (error) {
    void parking.park({ partition, value: taken.value, reason, at: lastAt })
    throw error
  }
}

async function reached<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const detail = `the store of messages does not answer, try again later: ${why}`
    throw new ProblemError('inbox_unavailable', detail, { headers: { 'retry-after': '1' } })
  }
}

/** Who did it, and what it was: there is no other record of what was dropped. */
function logged(
  { log, caller }: { readonly log: Pick<Logger, 'warn'>; readonly caller: Caller },
  about: ParkedMessage & ({ readonly why: string } | { readonly refusedAgain: boolean }),
  what: string,
): void {
  const { subject, client, tenant } = caller
  log.warn({ ...about, by: { subject, client, tenant } }, what)
}
