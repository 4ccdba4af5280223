import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort } from '@micropay/local/stores/free-port'
import type { Defer } from './clean-up.ts'
import type { Edge } from './edge.ts'

/** As often as a Prometheus asks that is set up by deploy/prometheus. */
const SCRAPE_EVERY_MS = 5_000

/**
 * For the side of a comparison that tells all that it can: traces to a receiver that takes whatever comes, by the
 * sampler that services have unless they are told another one, and metrics that are scraped.
 */
export async function openTelemetry(defer: Defer): Promise<Edge> {
  const receiver = createServer((request, reply) => {
    request.resume().on('end', () => reply.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const scraped = new Set<number>()
  const scraping = setInterval(() => {
    for (const each of scraped) void scrape(each)
  }, SCRAPE_EVERY_MS)
  defer(async () => {
    clearInterval(scraping)
    receiver.closeAllConnections()
    receiver.close()
  })
  return {
    async environmentOf() {
      const metricsPort = await freePort()
      scraped.add(metricsPort)
      return { METRICS_PORT: String(metricsPort), OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }
    },
  }
}

/** A service that was ended tells nothing any more. */
async function scrape(port: number): Promise<void> {
  await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (answer) => answer.arrayBuffer(),
    () => undefined,
  )
}
