import { createServer, type Server } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'

export type MetricsServerOptions = {
  readonly port: number
  readonly host: string
  readonly clock: Clock
  readonly log: Logger
  /** The text of a scrape. */
  readonly scrape: () => Promise<string>
}

const ASKED_WITHIN_MS = 5_000
const AGAIN_MS = 5_000
/** Longer than between two scrapes, so that a connection that is about to close is not asked. */
const KEPT_MS = 75_000
/** As Prometheus knows it by. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Answers GET /metrics, and nothing else, in plain HTTP. It is in nobody's way: a port that somebody else has is tried
 * again until it can be had, and the service goes on meanwhile.
 */
export function serveMetrics({ port, host, clock, log, scrape }: MetricsServerOptions) {
  const server = serverOf(oneAtATime(scrape), log)
  let trouble: string | undefined = 'the port of metrics is not open yet'
  const first = Promise.withResolvers<void>()
  server.on('listening', () => {
    trouble = undefined
    log.info({ url: urlOf(server, host) }, 'metrics can be scraped')
    first.resolve()
  })
  server.on('error', (error) => {
    const reason = `metrics cannot be scraped at METRICS_PORT ${port}: ${error.message}`
    if (trouble !== reason) log.error({ err: error, port }, 'the port of metrics cannot be had: it is tried again')
    trouble = reason
    first.resolve()
  })
  const listen = () => server.listen(port, host)
  const again = clock.every(AGAIN_MS, () => {
    if (!server.listening) listen()
  })
  listen()
  return {
    /** Resolves when it listens, or is known not to yet. */
    tried: first.promise,
    url: () => urlOf(server, host),
    trouble: () => trouble,
    close(): void {
      again.cancel()
      server.close()
      server.closeAllConnections()
    },
  }
}

function serverOf(scrape: () => Promise<string>, log: Logger): Server {
  const times = { requestTimeout: ASKED_WITHIN_MS, headersTimeout: ASKED_WITHIN_MS, keepAliveTimeout: KEPT_MS }
  const server = createServer(times, async ({ method, url }, reply) => {
    if (method !== 'GET' || url?.split('?')[0] !== '/metrics') {
      reply.writeHead(404, { 'content-type': TEXT, connection: 'close' })
      return reply.end('GET /metrics is all that is offered here\n')
    }
    try {
      const text = await scrape()
      reply.writeHead(200, { 'content-type': TEXT, 'content-length': Buffer.byteLength(text) })
      return reply.end(text)
    } catch (error) {
      log.error({ err: error }, 'metrics could not be told')
      reply.writeHead(500, { 'content-type': TEXT, connection: 'close' })
      return reply.end('metrics could not be told: the log of the service says why\n')
    }
  })
  server.maxConnections = 32
  // Nothing of it keeps a process alive that has ended otherwise.
  return server.unref()
}

/** Whoever comes while one is under way is given the same. */
function oneAtATime(scrape: () => Promise<string>): () => Promise<string> {
  let underWay: Promise<string> | undefined
  return () => {
    underWay ??= scrape().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

function urlOf(server: Server, host: string): string | undefined {
  const address = server.listening ? server.address() : null
  if (address === null || typeof address === 'string') return undefined
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/metrics`
}
