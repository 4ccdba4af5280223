import { type MeasuredService, type Metric, measuredServices } from './metric.ts'
import { metricNames, metrics, metricsOf } from './metrics.ts'

/** The table of all metrics as Markdown. */
export function describeMetrics(): string {
  const rows = metricNames.map((name) => {
    const { kind, labels, means, where }: Metric = metrics[name]
    const told = where === undefined ? means : `${means} Where ${where}.`
    const by = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${kind} | ${by} | ${servicesOf(name)} | ${told} |`
  })
  return ['| metric | kind | labels | of | what it is |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

function servicesOf(name: (typeof metricNames)[number]): string {
  const services = (Object.keys(measuredServices) as MeasuredService[]).filter((each) => metricsOf(each).includes(name))
  const others = Object.keys(measuredServices).filter((each) => !services.some((service) => service === each))
  if (others.length > 1) return services.join(', ')
  return others.length === 0 ? 'all' : `all but ${others[0]}`
}
