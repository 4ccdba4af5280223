import { lazy, Suspense, useMemo } from 'react'
import { Card } from '../../../components/card.tsx'
import { formatTime } from '../../../components/instant.tsx'
import { Skeleton } from '../../../components/skeleton.tsx'
import { Cell, Table } from '../../../components/table.tsx'
import { figure } from './figures.ts'
import type { Line } from './live-chart.tsx'
import type { FlowSample } from './sample-flow.ts'

const LiveChart = lazy(() => import('./live-chart.tsx').then((module) => ({ default: module.LiveChart })))

export type ChartLine = Line & {
  readonly of: (sample: FlowSample) => number | null
  /** Whether the number is what it is at best. */
  readonly atLeast?: (sample: FlowSample) => boolean
}
type ChartCardProps = {
  readonly title: string
  /** Of when it is, where another chart of the page has the same title. */
  readonly of: string | undefined
  readonly lines: readonly ChartLine[]
  readonly history: readonly FlowSample[]
  readonly step: string
}

const ROWS = 10
const marks: Record<Line['colour'], string> = { '--accent': 'bg-accent', '--cool': 'bg-cool', '--warn': 'bg-warn' }

/** A chart, what its lines are now, and the same numbers as a table for those who do not see it. */
export function ChartCard({ title, of, lines, history, step }: ChartCardProps) {
  const seconds = useMemo(() => history.map(({ atMs }) => atMs / 1000), [history])
  const values = useMemo(() => lines.map((line) => history.map(line.of)), [history, lines])
  const newest = history.slice(-ROWS).reverse()
  const last = history.at(-1)
  return (
    <Card className="min-w-0 p-4">
      <h2 className="font-semibold">
        {title}
        {of === undefined ? null : <span className="sr-only">, {of}</span>}
      </h2>
      <ul className="mt-1 mb-2 flex flex-wrap content-start gap-x-4 gap-y-1 text-xs text-ink-soft sm:min-h-9">
        {lines.map((line) => (
          <li key={line.name} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`h-0.5 w-4 ${marks[line.colour]}`} />
            {line.name}: <span className="font-semibold text-ink">{textOf(line, last)}</span>
          </li>
        ))}
      </ul>
      {/* A line needs two samples; of one, the axis would be years long. */}
      {history.length < 2 ? (
        <Skeleton className="h-45 w-full" />
      ) : (
        <Suspense fallback={<Skeleton className="h-45 w-full" />}>
          <LiveChart lines={lines} seconds={seconds} values={values} />
        </Suspense>
      )}
      <details className="mt-2 text-sm">
        <summary className="min-target flex cursor-pointer items-center text-accent">The same as a table</summary>
        <Table
          label={`${title}, ${of === undefined ? '' : `${of}, `}the last ${ROWS} ${step}`}
          columns={[{ name: 'Time' }, ...lines.map(({ name }) => ({ name, align: 'right' as const }))]}
        >
          {newest.map((sample) => (
            <tr key={sample.atMs}>
              <Cell>{formatTime(sample.atMs)}</Cell>
              {lines.map((line) => (
                <Cell key={line.name} align="right">
                  {textOf(line, sample)}
                </Cell>
              ))}
            </tr>
          ))}
        </Table>
      </details>
    </Card>
  )
}

function textOf({ of, atLeast }: ChartLine, sample: FlowSample | undefined): string {
  const value = sample ? of(sample) : null
  return sample && value !== null && atLeast?.(sample) ? `at least ${figure(value)}` : figure(value)
}
