import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Source = { readonly name: string; readonly source: Readonly<Record<string, unknown>> }

/** A server of Spring Cloud Config's protocol that answers what a test says, and tells what it was asked. */
export async function startConfigurationServer() {
  const asked: { readonly path: string; readonly authorization: string | undefined }[] = []
  let sources: readonly Source[] = []
  let behave: ((request: IncomingMessage, reply: ServerResponse) => void) | undefined
  const server = createServer((request, reply) => {
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization })
    if (behave) return behave(request, reply)
    const [, name, profile] = (request.url ?? '').split('/')
    const answer = { name, profiles: [profile], label: null, version: '1', state: null, propertySources: sources }
    reply.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    say(...said: readonly Source[]) {
      sources = said
      behave = undefined
    },
    behave(as: typeof behave) {
      behave = as
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
