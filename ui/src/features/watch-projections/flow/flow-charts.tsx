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

type FlowChartsProps = {
  readonly history: readonly FlowSample[]
  /** Of when they are, where that is not the last minutes. */
  readonly of?: string
  /** What lies between two of the history. */
  readonly step?: string
}

/** The flow in three pictures: of the last minutes, unless it says otherwise. */
export function FlowCharts({ history, of, step = 'seconds' }: FlowChartsProps) {
  return (
    <div className="grid gap-3 lg:grid-cols-3">
      <ChartCard title="Per second" of={of} lines={rates} history={history} step={step} />
      <ChartCard title="Append latency (ms)" of={of} lines={latencies} history={history} step={step} />
      <ChartCard title="Read models' lag" of={of} lines={lags} history={history} step={step} />
    </div>
  )
}
