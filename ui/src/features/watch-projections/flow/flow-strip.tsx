import { Badge } from '../../../components/badge.tsx'
import { Card } from '../../../components/card.tsx'
import { figure } from './figures.ts'
import { type Flow, type FlowSample, isReadSide } from './sample-flow.ts'

type Stage = {
  readonly name: string
  readonly rate: string
  readonly unit: string
  readonly detail: string
  readonly trouble: string | undefined
}

type FlowStripProps = { readonly flow: Flow; readonly now: FlowSample | undefined }

/** The way of a payment, stage by stage: what passes a second, and how far behind each stage is. */
export function FlowStrip({ flow, now }: FlowStripProps) {
  return (
    <ol className="grid grid-cols-2 gap-3 sm:grid-cols-5" aria-label="The flow, stage by stage">
      {stagesOf(flow, now).map((stage, index) => (
        <li key={stage.name} className="relative min-w-0 max-sm:last:col-span-2">
          {index > 0 ? (
            <span aria-hidden="true" className="absolute top-1/2 -left-3 hidden h-0.5 w-3 bg-accent sm:block" />
          ) : null}
          <Card className="flex h-full flex-col gap-1 p-3 sm:p-4">
            <p className="flex flex-wrap items-center justify-between gap-1 text-sm font-semibold">
              {stage.name}
              {stage.trouble ? <Badge tone="bad">Trouble</Badge> : <Badge tone="good">OK</Badge>}
            </p>
            <p className="text-2xl font-bold tabular-nums">{stage.rate}</p>
            <p className="text-xs text-ink-soft">{stage.unit}</p>
            <p className="mt-1 text-xs break-words text-ink-soft">{stage.trouble ?? stage.detail}</p>
          </Card>
        </li>
      ))}
    </ol>
  )
}

function stagesOf(flow: Flow, now: FlowSample | undefined): readonly Stage[] {
  const { traffic, workers, statuses } = flow
  const failing = traffic?.upstreams.filter(({ failuresPerSecond }) => failuresPerSecond > 0) ?? []
  const notServing = workers?.find(({ phase }) => phase !== 'serving')
  const stopped = statuses?.find((status) => status.state === 'live' && status.stopped !== null)
  const readers = traffic?.upstreams.filter(isReadSide) ?? []
  const notReady = readers.find(({ status }) => status !== 'ready')
  const queued = workers?.reduce((total, worker) => total + worker.queued, 0)
  const noWorker = workers === undefined ? 'it does not answer' : undefined
  return [
    {
      ...{ name: 'Gateway', rate: figure(now?.requests), unit: 'requests a second' },
      detail: `${traffic?.upstreams.length ?? 0} services behind it`,
      trouble: failing.length > 0 ? `failing: ${failing.map(({ name }) => name).join(', ')}` : undefined,
    },
    {
      ...{ name: 'Write side', rate: figure(now?.commits), unit: 'commits a second' },
      detail: `${figure(queued)} commands wait`,
      trouble: noWorker ?? (notServing ? `partition ${notServing.partition}: ${notServing.phase}` : undefined),
    },
    {
      ...{ name: 'Log', rate: figure(now?.appendP99), unit: 'ms an append (p99)' },
      detail: `${workers?.[0]?.log ?? 'unknown'}, p50 ${figure(now?.appendP50)} ms`,
      trouble: workers?.some(({ chainBrokenAlarms }) => chainBrokenAlarms > 0) ? 'the hash chain is broken' : undefined,
    },
    {
      ...{ name: 'Projections', rate: figure(now?.applied), unit: 'commits applied a second' },
      detail: `${figure(now?.lagRecords)} records behind`,
      trouble: stopped ? `${stopped.service} stands still` : undefined,
    },
    {
      ...{ name: 'Read side', rate: figure(now?.reads), unit: 'queries a second' },
      detail: `${figure(now?.lagSeconds)} s old at most`,
      trouble: notReady ? `${notReady.name}: ${notReady.reason ?? notReady.status}` : undefined,
    },
  ]
}
