import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'
import type { Tell } from './told.ts'

/** How often the event loop is looked at; each delay that is measured has this in it. */
const RESOLUTION_MS = 20
const quantiles = [0.5, 0.99, 1] as const

/** What every process has. */
export function watchProcess(clock: Clock) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const startedAt = (clock.nowMs() - process.uptime() * 1000) / 1000
  return {
    read(tell: Tell): void {
      for (const quantile of quantiles) {
        const ms = delays.percentile(quantile * 100) / 1e6 - RESOLUTION_MS
        tell('nodejs_eventloop_delay_seconds', Math.max(0, ms) / 1000, { quantile: String(quantile) })
      }
      delays.reset()
      const { rss, heapUsed } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      tell('nodejs_heap_used_bytes', heapUsed)
      tell('process_resident_memory_bytes', rss)
      tell('process_cpu_seconds_total', (user + system) / 1e6)
      tell('process_start_time_seconds', startedAt)
    },
    close: () => delays.disable(),
  }
}
