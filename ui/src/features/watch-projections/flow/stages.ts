import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { duration, figure } from './figures.ts'
import { type Flow, type FlowSample, isReadSide, silentOf } from './sample-flow.ts'
import { awayIn, parkedIn } from './waiting-partitions.ts'

export type Stage = {
  readonly name: string
  readonly rate: string
  readonly unit: string
  readonly detail: string
  /** What is wrong there. Who does not answer is in trouble, since nothing says otherwise. */
  readonly trouble: string | undefined
  /** Nobody had the time to answer yet. */
  readonly isAsked: boolean
}

/** Which of those that are asked have never answered, and are not late yet. */
export type StillAsked = Readonly<Record<'traffic' | 'workers' | 'projections', boolean>>

/** The way of a payment: what passes each stage, how far behind it is, and what is wrong there. */
export function stagesOf(flow: Flow, now: FlowSample, asked: StillAsked): readonly Stage[] {
  return [
    gatewayStage(flow, now, asked.traffic),
    ...writeStages(flow, now, asked.workers),
    projectionStage(flow, now, asked.projections),
    readStage(flow, now, asked),
  ]
}

function gatewayStage({ traffic }: Flow, now: FlowSample, isAsked: boolean): Stage {
  const failing =
    traffic?.upstreams.filter(({ failuresPerSecond, awaySince }) => failuresPerSecond > 0 || awaySince != null) ?? []
  const failure = failing.length > 0 ? `failing: ${failing.map(({ name }) => name).join(', ')}` : undefined
  const isAway = traffic?.sharedMemory?.away != null
  return {
    ...{ name: 'Gateway', rate: figure(now.requests), unit: 'requests a second' },
    detail: `${traffic?.upstreams.length ?? 0} services behind it`,
    trouble: traffic
      ? firstOf(failure, isAway ? 'gateways share nothing: Redis is away' : undefined)
      : 'it does not answer',
    isAsked,
  }
}

function writeStages({ workers }: Flow, now: FlowSample, isAsked: boolean): readonly Stage[] {
  const stopped = workers?.find((worker) => worker.stopped !== null)
  const notServing = stopped ?? workers?.find(({ phase }) => phase !== 'serving')
  const away = awayIn(workers ?? [])[0]
  const parked = parkedIn(workers ?? []) ?? 0
  const queued = workers?.reduce((total, worker) => total + worker.queued, 0)
  const isBroken = workers?.some(({ chainBrokenAlarms }) => chainBrokenAlarms > 0)
  return [
    {
      ...{ name: 'Write side', rate: figure(now.commits), unit: 'commits a second' },
      detail: `${figure(queued)} commands wait`,
      trouble: firstOf(
        workers ? undefined : 'it does not answer',
        notServing && `partition ${notServing.partition}: ${notServing.phase}`,
        away && `payments wait for partition ${away.partition}`,
        parked > 0 ? `${figure(parked)} parked ${parked === 1 ? 'message' : 'messages'}` : undefined,
      ),
      isAsked,
    },
    {
      ...{ name: 'Log', rate: figure(now.appendP99), unit: 'ms an append (p99)' },
      detail: `${workers?.[0]?.log ?? 'unknown'}, p50 ${figure(now.appendP50)} ms`,
      trouble: firstOf(
        workers ? undefined : 'unknown: the write side does not answer',
        isBroken ? 'the hash chain is broken' : undefined,
        stopped && `nothing is appended to partition ${stopped.partition}`,
      ),
      isAsked,
    },
  ]
}

function projectionStage(flow: Flow, now: FlowSample, isAsked: boolean): Stage {
  const silent = silentOf(flow)
  const stopped = flow.statuses?.find(isStopped)
  const behind = now.lagRecords
  const records = behind === null ? 'records behind: unknown' : `${atLeast(now)}${figure(behind)} records behind`
  return {
    ...{ name: 'Projections', rate: figure(now.applied), unit: 'commits applied a second' },
    detail: records,
    trouble: firstOf(
      flow.statuses || silent.length > 0 ? undefined : 'they do not answer',
      silent.length > 0
        ? `${silent.join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer; ${records}`
        : undefined,
      stopped && `${stopped.service} stands still`,
    ),
    isAsked,
  }
}

function isStopped({ state, stopped }: ProjectionStatus): boolean {
  return state === 'live' && stopped !== null
}

/** What is read is as old as the oldest read model, of which a silent one may be the oldest. */
function readStage(flow: Flow, now: FlowSample, asked: StillAsked): Stage {
  const readers = flow.traffic?.upstreams.filter(isReadSide)
  const notReady = readers?.find(({ status }) => status !== 'ready')
  const seconds = now.lagSeconds
  return {
    ...{ name: 'Read side', rate: figure(now.reads), unit: 'queries a second' },
    detail: `${figure(seconds)} s old at most`,
    trouble: firstOf(
      readers ? undefined : 'unknown: the gateway does not answer',
      notReady && `${notReady.name}: ${notReady.reason ?? notReady.status}`,
      flow.statuses?.some(isStopped) ? 'a read model stands still' : undefined,
      now.lagAtLeast ? `a read model is at least ${duration(seconds)} old` : undefined,
    ),
    isAsked: asked.traffic || asked.projections,
  }
}

function atLeast(now: FlowSample): string {
  return now.lagAtLeast ? 'at least ' : ''
}

function firstOf(...troubles: readonly (string | undefined)[]): string | undefined {
  return troubles.find((trouble) => trouble !== undefined)
}
