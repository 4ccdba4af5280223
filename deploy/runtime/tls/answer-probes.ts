import { createServer } from 'node:http'

export type AppWithProbes = {
  inject(request: { method: 'GET'; url: string }): Promise<{ readonly statusCode: number; readonly payload: string }>
  addHook(name: 'onClose', hook: () => Promise<void>): unknown
}

const paths = new Set(['/health/live', '/health/ready'])
const ASKED_WITHIN_MS = 5_000

/**
 * Answers /health/live and /health/ready of an app, and nothing else of it, in plain HTTP on a port of their own, for
 * probes that hold no certificate; until the app has closed. Resolves with the address.
 */
export async function answerProbes(app: AppWithProbes, port: number, host: string): Promise<string> {
  const server = createServer(
    { requestTimeout: ASKED_WITHIN_MS, headersTimeout: ASKED_WITHIN_MS },
    async (asked, reply) => {
      const isProbe = asked.method === 'GET' && paths.has(asked.url ?? '')
      const said = isProbe
        ? await app.inject({ method: 'GET', url: String(asked.url) }).catch(() => undefined)
        : undefined
      const status = said?.statusCode ?? (isProbe ? 503 : 404)
      reply.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
      reply.end(said?.payload ?? JSON.stringify({ status: isProbe ? 'not ready' : 'not offered here' }))
    },
  )
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  app.addHook('onClose', async () => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return `http://${host}:${typeof address === 'object' ? address?.port : port}`
}
