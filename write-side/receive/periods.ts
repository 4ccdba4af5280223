import type { Http } from '@micropay/runtime/http'
import { digestOfSeals } from '@micropay/runtime/period-seals'
import { ProblemError } from '@micropay/runtime/problem-error'
import {
  CallOffPeriod,
  ClosePeriod,
  PeriodDecided,
  ReopenPeriod,
  SetZone,
  ZoneDecided,
} from '@micropay/schemas/api/period'
import { PeriodId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'
import { waitOf } from './wait-of.ts'

const answers = governedAnswers(PeriodDecided, PeriodDecided)
const tags = ['periods']

/** POST /v1/ledger-zone, /v1/periods, /v1/periods/:periodId/reopen and /v1/periods/:periodId/call-off. */
export function receivePeriodCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('periods:close')
  const zone = {
    tags,
    summary: 'Set the zone in whose days periods are closed from now on',
    body: SetZone,
    response: governedAnswers(ZoneDecided),
  }
  app.post('/v1/ledger-zone', { onRequest, schema: zone }, async (request, reply) => {
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'SetZone', data }, key, dryRun))
  })
  const close = { tags, summary: 'Close all days up to one, for good', body: ClosePeriod, response: answers }
  app.post('/v1/periods', { onRequest, schema: close }, async (request, reply) => {
    checkSeals(request.body, dependencies)
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'ClosePeriod' as const, data }
    const wait = waitOf(request)
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun, { wait }))
  })
  const callOff = {
    tags,
    summary: 'Call off the closing of a period that is under way on several partitions',
    params: z.object({ periodId: PeriodId }),
    body: CallOffPeriod,
    response: governedAnswers(PeriodDecided),
  }
  app.post('/v1/periods/:periodId/call-off', { onRequest, schema: callOff }, async (request, reply) => {
    const { dryRun = false, reason } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'CallOffPeriod' as const, data: { periodId: request.params.periodId, reason } }
    return respond(reply, await submitFor(dependencies, request.caller, command, key, dryRun))
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

/**
 * What was seen of a ledger of several partitions is said of each of them: `seq` is that of the first one, which
 * decides about periods, and `digest` is over them all.
 */
function checkSeals(
  { seq, digest, seals }: ClosePeriod,
  { partitions }: Pick<ReceiveDependencies, 'partitions'>,
): void {
  const wrong = wrongWith({ seq, digest, seals }, partitions)
  if (wrong === undefined) return
  throw new ProblemError('invalid_request', wrong, { errors: [{ pointer: '/seals', detail: wrong }] })
}

function wrongWith(
  { seq, digest, seals }: Pick<ClosePeriod, 'seq' | 'digest' | 'seals'>,
  partitions: number,
): string | undefined {
  if (partitions === 1) return seals && 'this ledger has one partition: leave seals out'
  if (seals?.length !== partitions || seals.some(({ partition }, index) => partition !== index)) {
    return `this ledger has ${partitions} partitions: send the seals that the checklist gives, of all of them`
  }
  if (seals[0]?.seq === seq && digestOfSeals(seals) === digest) return undefined
  return 'seq and digest are of other seals than these: send all three as the checklist gives them'
}
