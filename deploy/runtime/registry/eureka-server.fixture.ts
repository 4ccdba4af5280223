import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const Registered = z.object({ instance: z.looseObject({ instanceId: z.string() }) })

/**
 * A server of Eureka's protocol as a test needs it, in memory: it answers as a real one does, such as
 * deploy/proof/registry asks, forgets nobody by itself, and may be away.
 */
export async function startEurekaServer() {
  const apps = new Map<string, Map<string, unknown>>()
  const asked: string[] = []
  let isAway = false
  const server = createServer(async (request, reply) => {
    if (isAway) return request.destroy()
    const { method = '', url = '', headers } = request
    asked.push(`${headers.authorization ?? 'nobody'} ${method} ${url}`)
    const [, , app = '', id = ''] = new URL(url, 'http://a').pathname.split('/').slice(1).map(decodeURIComponent)
    const status = await answerTo(method, app, id, request)
    if (typeof status === 'number') return reply.writeHead(status).end()
    reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status))
  })
  async function answerTo(method: string, app: string, id: string, request: IncomingMessage) {
    const instances = apps.get(app) ?? new Map<string, unknown>()
    if (method === 'POST') {
      const { instance } = Registered.parse(JSON.parse(await textOf(request)))
      apps.set(app, instances.set(instance.instanceId, instance))
      return 204
    }
    if (method === 'PUT') return instances.has(id) ? 200 : 404
    if (method === 'DELETE') return instances.delete(id) ? 200 : 404
    return instances.size === 0 ? 404 : { application: { name: app, instance: [...instances.values()] } }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka`,
    asked,
    /** What instances of an application said of themselves. */
    instancesOf: (app: string): readonly unknown[] => [...(apps.get(app)?.values() ?? [])],
    /** As a server does that was started again. */
    forget: () => apps.clear(),
    become(mood: 'away' | 'well'): void {
      isAway = mood === 'away'
      if (isAway) server.closeAllConnections()
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}
