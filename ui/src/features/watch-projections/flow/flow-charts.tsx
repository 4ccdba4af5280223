import { ChartCard, type ChartLine } from './chart-card.tsx'
import type { FlowSample } from './sample-flow.ts'

const rates: readonly ChartLine[] = [
  { name: 'Requests', colour: '--accent', of: ({ requests }) => requests },
  { name: 'Commits', colour: '--cool', of: ({ commits }) => commits },
  { name: 'Applied', colour: '--warn', of: ({ applied }) => applied },
]
const latencies: readonly ChartLine[] = [
  { name: 'p50', colour: '--accent', of: ({ appendP50 }) => appendP50 },
  { name: 'p99', colour: '--warn', of: ({ appendP99 }) => appendP99 },
]
const atLeast = ({ lagAtLeast }: FlowSample) => lagAtLeast
const lags: readonly ChartLine[] = [
  { name: 'Records behind', colour: '--accent', of: ({ lagRecords }) => lagRecords, atLeast },
  { name: 'Seconds old', colour: '--warn', of: ({ lagSeconds }) => lagSeconds, atLeast },
]

/** The last minutes of the flow in three pictures. */
export function FlowCharts({ history }: { readonly history: readonly FlowSample[] }) {
  return (
    <div className="grid gap-3 lg:grid-cols-3">
      <ChartCard title="Per second" lines={rates} history={history} />
      <ChartCard title="Append latency (ms)" lines={latencies} history={history} />
      <ChartCard title="Read models' lag" lines={lags} history={history} />
    </div>
  )
}
