import { type Http, ProblemError } from '@micropay/runtime/http'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { ClosePeriod, PeriodDecided, ReopenPeriod, SetZone, ZoneDecided } from '@micropay/schemas/api/period'
import { Problem } from '@micropay/schemas/api/problem'
import { PeriodId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

const problems = { '4xx': Problem, '5xx': Problem }
const answers = { 200: PeriodDecided, 201: PeriodDecided, 202: ProposalDecided, ...problems }
const tags = ['periods']

/** POST /v1/ledger-zone, /v1/periods and /v1/periods/:periodId/reopen. */
export function receivePeriodCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('periods:close')
  const zone = {
    tags,
    summary: 'Set the zone in whose days periods are closed from now on',
    body: SetZone,
    response: { 200: ZoneDecided, 201: ZoneDecided, 202: ProposalDecided, ...problems },
  }
  app.post('/v1/ledger-zone', { onRequest, schema: zone }, async (request, reply) => {
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'SetZone', data }, key, dryRun))
  })
  const close = { tags, summary: 'Close all days up to one, for good', body: ClosePeriod, response: answers }
  app.post('/v1/periods', { onRequest, schema: close }, async (request, reply) => {
    onOnePartition(dependencies)
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'ClosePeriod', data }, key, dryRun))
  })
  const reopen = {
    tags,
    summary: 'Reopen the last closed period',
    params: z.object({ periodId: PeriodId }),
    body: ReopenPeriod,
    response: answers,
  }
  app.post('/v1/periods/:periodId/reopen', { onRequest, schema: reopen }, async (request, reply) => {
    const { dryRun = false, reason } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'ReopenPeriod' as const, data: { periodId: request.params.periodId, reason } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
  })
}

/** A period ends at one position of one partition: a vector of them cannot be closed. */
function onOnePartition({ partitions }: ReceiveDependencies): void {
  if (partitions === 1) return
  throw new ProblemError(
    'not_across_partitions',
    `periods are closed on a ledger of one partition, and this one has ${partitions}: nothing was appended`,
  )
}
