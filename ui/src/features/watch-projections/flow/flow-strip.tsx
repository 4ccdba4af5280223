import { Badge } from '../../../components/badge.tsx'
import { Card } from '../../../components/card.tsx'
import type { Flow, FlowSample } from './sample-flow.ts'
import { type Stage, type StillAsked, stagesOf } from './stages.ts'

type FlowStripProps = {
  readonly flow: Flow
  readonly now: FlowSample
  readonly asked: StillAsked
}

/** The way of a payment, stage by stage: what passes a second, and how far behind each stage is. */
export function FlowStrip({ flow, now, asked }: FlowStripProps) {
  return (
    <ol className="grid grid-cols-2 gap-3 sm:grid-cols-5" aria-label="The flow, stage by stage">
      {stagesOf(flow, now, asked).map((stage, index) => (
        <li key={stage.name} className="relative min-w-0 max-sm:last:col-span-2">
          {index > 0 ? (
            <span aria-hidden="true" className="absolute top-1/2 -left-3 hidden h-0.5 w-3 bg-accent sm:block" />
          ) : null}
          <Card className="flex h-full flex-col gap-1 p-3 sm:p-4">
            <p className="flex flex-wrap items-center justify-between gap-1 text-sm font-semibold">
              {stage.name}
              <StageBadge stage={stage} />
            </p>
            <p className="text-2xl font-bold tabular-nums">{stage.rate}</p>
            <p className="text-xs text-ink-soft">{stage.unit}</p>
            <p className="mt-1 text-xs break-words text-ink-soft">
              {stage.isAsked ? stage.detail : (stage.trouble ?? stage.detail)}
            </p>
          </Card>
        </li>
      ))}
    </ol>
  )
}

function StageBadge({ stage }: { readonly stage: Stage }) {
  if (stage.isAsked) return <Badge>Asking</Badge>
  return stage.trouble ? <Badge tone="bad">Trouble</Badge> : <Badge tone="good">OK</Badge>
}
