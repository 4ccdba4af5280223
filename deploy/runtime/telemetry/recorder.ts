import assert from 'node:assert/strict'
import { type HrTime, ValueType } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import type { Clock } from '../clock.ts'
import { type MeasuredService, type Metric, secondsBuckets } from './metric.ts'
import { type HistogramName, metricNames, metrics, metricsOf, unitOf } from './metrics.ts'
import { createTimes, type Times } from './times.ts'
import type { Metrics, Tell, Told } from './told.ts'

/**
 * The metrics of a service as text in the format of Prometheus, by OpenTelemetry: we produce what its reader collects
 * beside its own instruments. Its histograms are slow (times.ts), and its observable instruments go on telling for ever
 * what was observed once, such as of an instance that is gone, or of a database that does not answer.
 */
export function createRecorder(service: MeasuredService, clock: Clock) {
  const own = new Set<string>(metricsOf(service))
  const startTime = timeOf(clock.nowMs())
  const times = new Map<HistogramName, ReturnType<typeof createTimes>>()
  let told: readonly Told[] = []
  const checkOwn = (name: string) => assert(own.has(name), `${name} is no metric of ${service}: see metrics.ts`)

  const producer: MetricProducer = {
    async collect() {
      const span = { startTime, endTime: timeOf(clock.nowMs()) }
      const scopeMetrics = [{ scope: { name: 'micropay' }, metrics: dataOf(told, times, span) }]
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] }
    },
  }
  // Its own server would answer 200 to what has failed.
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] })
  const provider = new MeterProvider({ readers: [reader] })
  const serializer = new PrometheusSerializer('', false, undefined, true, true)

  const timed: Metrics['timed'] = (name) => {
    checkOwn(name)
    const made = times.get(name) ?? createTimes(metrics[name].labels)
    times.set(name, made)
    return made.add
  }
  return {
    timed,
    /** The text of all times, and of what `read` tells; one at a time. */
    async textOf(read: (tell: Tell) => Promise<void>): Promise<string> {
      const telling: Told[] = []
      await read((name, value, ...[labels]) => {
        checkOwn(name)
        telling.push({ name, value, labels: { ...labels } })
      })
      told = telling
      const { resourceMetrics, errors } = await reader.collect()
      if (errors.length > 0) throw new AggregateError(errors, 'metrics could not be collected')
      return serializer.serialize(resourceMetrics)
    },
    close: () => provider.shutdown(),
  }
}

type Span = { readonly startTime: HrTime; readonly endTime: HrTime }

/** In the order of the table. */
function dataOf(
  told: readonly Told[],
  times: ReadonlyMap<HistogramName, { all(): readonly Times[] }>,
  span: Span,
): MetricData[] {
  const byName = Map.groupBy(told, ({ name }): string => name)
  return metricNames.flatMap((name): MetricData[] => {
    const { kind, means: description }: Metric = metrics[name]
    const descriptor = { name, description, unit: unitOf(name) ?? '', valueType: ValueType.DOUBLE }
    const about = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE }
    if (kind === 'histogram') {
      const dataPoints = (times.get(name as HistogramName)?.all() ?? []).map((each) => pointOf(each, span))
      return dataPoints.length === 0 ? [] : [{ ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints }]
    }
    const found = byName.get(name)
    if (!found) return []
    const dataPoints = found.map(({ value, labels: attributes }) => ({ ...span, attributes, value }))
    return kind === 'counter'
      ? [{ ...about, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }]
      : [{ ...about, dataPointType: DataPointType.GAUGE, dataPoints }]
  })
}

function pointOf({ labels: attributes, counts, sum, count }: Times, span: Span) {
  return {
    ...span,
    attributes,
    value: { buckets: { boundaries: [...secondsBuckets], counts: [...counts] }, sum, count },
  }
}

/** Seconds since 1970, and nanoseconds. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
