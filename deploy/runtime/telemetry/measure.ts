import { buildOf } from '../build.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { askInTime } from './asked-source.ts'
import type { MeasuredService } from './metric.ts'
import { metricsOf } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'
import { readPools } from './pool-metrics.ts'
import { watchProcess } from './process-metrics.ts'
import { createRecorder } from './recorder.ts'
import type { Metrics, Tell } from './told.ts'

export type MeasureOptions = {
  readonly service: MeasuredService
  readonly port: number
  readonly host: string
  readonly clock: Clock
  readonly log: Logger
}

/** Measures a service, beginning with what every process has, and lets its figures be scraped. */
export async function measure({ service, port, host, clock, log }: MeasureOptions): Promise<Metrics> {
  const recorder = createRecorder(service, clock)
  const process_ = watchProcess(clock)
  const { version, commit } = buildOf()
  const reads = [
    process_.read,
    (tell: Tell) => tell('micropay_build_info', 1, { version, commit: commit ?? 'unknown' }),
  ]
  if (metricsOf(service).includes('micropay_postgres_waiting')) reads.push(readPools)
  const asked: ((tell: Tell) => Promise<void>)[] = []

  const scrape = () =>
    recorder.textOf(async (tell) => {
      for (const read of reads) read(tell)
      await Promise.all(asked.map((ask) => ask(tell)))
    })
  const server = serveMetrics({ port, host, clock, log, scrape })
  await server.tried
  return {
    timed: recorder.timed,
    read: (source) => void reads.push(source),
    ask: (source) => void asked.push(askInTime(source, clock, log)),
    url: server.url,
    trouble: server.trouble,
    async close() {
      server.close()
      process_.close()
      await recorder.close()
    },
  }
}
