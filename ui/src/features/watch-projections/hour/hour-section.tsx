import type { History } from '@micropay/schemas/api/history'
import type { Traffic } from '@micropay/schemas/api/traffic'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Card } from '../../../components/card.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Instant } from '../../../components/instant.tsx'
import { historyQuery } from '../../../data/flow/history.ts'
import { useServices } from '../../../services/app-context.ts'
import { FlowCharts } from '../flow/flow-charts.tsx'
import { ChangeList, ErrorList, TroubleList } from './hour-lists.tsx'
import { newestFirst, sampleIn, withGaps } from './hour-samples.ts'

type HourProps = { readonly traffic: Traffic | undefined }

/** What happened before anybody looked, as this gateway has kept it. */
export function HourSection({ traffic }: HourProps) {
  const { client } = useServices()
  const { data, error } = useQuery(historyQuery(client))
  if (data) return <Hour history={data.value} traffic={traffic} />
  if (!error) return null
  return (
    <EmptyState title="The last hour is not told">
      The gateway does not say what it has kept. This page asks again every ten seconds.
    </EmptyState>
  )
}

function Hour({ history, traffic }: HourProps & { readonly history: History }) {
  const { since, everySeconds, samples, changes, errors, unreachable, alerts, alertsReason } = history
  const shown = useMemo(() => withGaps(samples.map(sampleIn), everySeconds), [samples, everySeconds])
  return (
    <div className="space-y-3">
      <p className="text-sm text-ink-soft">
        Seen by this gateway every {everySeconds} s since <Instant at={since} />, the last hour of it.
      </p>
      <FlowCharts history={shown} of="the last hour" step={`looks, ${everySeconds} s apart`} />
      <div className="grid gap-3 lg:grid-cols-3">
        <Card className="min-w-0 p-4">
          <h3 className="font-semibold">Alerts</h3>
          <p className="mt-1 text-sm text-ink-soft">{alertsSaid(alerts, alertsReason)}</p>
          {alerts === null ? <TroubleList traffic={traffic} /> : null}
        </Card>
        <Card className="min-w-0 p-4">
          <h3 className="font-semibold">Changes</h3>
          <ChangeList changes={changes} />
        </Card>
        <Card className="min-w-0 p-4">
          <h3 className="font-semibold">Last errors</h3>
          <ErrorList errors={newestFirst(errors)} unreachable={unreachable} />
        </Card>
      </div>
    </div>
  )
}

function alertsSaid(alerts: History['alerts'], reason: string | null): string {
  if (alerts === null) return `Not known: ${reason ?? 'nobody says why'}. What services say of themselves:`
  if (alerts.length === 0) return 'No alert is active.'
  return alerts.length === 1 ? '1 alert is active: see above.' : `${alerts.length} alerts are active: see above.`
}
