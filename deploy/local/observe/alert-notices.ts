import { createServer } from 'node:http'
import { z } from 'zod'
import { portOf } from '../stores/free-port.ts'

/** What Alertmanager sends, as far as people are told of it. */
const Notice = z.object({
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
      }),
    )
    .max(10_000),
})
export type AlertNotice = z.infer<typeof Notice>['alerts'][number]

const MOST_BYTES = 4 << 20

export type AlertNotices = { readonly url: string; close(): Promise<void> }

/** A receiver for Alertmanager's webhook on loopback: `told` is called for each alert that begins or ends. */
export async function receiveAlerts(told: (notice: AlertNotice) => void): Promise<AlertNotices> {
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    let bytes = 0
    try {
      for await (const chunk of request) {
        bytes += chunk.length
        if (bytes > MOST_BYTES) return reply.writeHead(413, { connection: 'close' }).end()
        chunks.push(chunk)
      }
      const notice = Notice.parse(JSON.parse(Buffer.concat(chunks).toString()))
      for (const alert of notice.alerts) told(alert)
      return reply.writeHead(204).end()
    } catch {
      // Alertmanager gives up what is answered so, and does not send it again.
      return reply.writeHead(400, { connection: 'close' }).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}/alerts`,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** As it stands in a terminal. */
export function alertText({ status, labels, annotations }: AlertNotice): string {
  const { alertname = 'an alert without a name', severity = 'alert' } = labels
  const what = `${alertname}: ${annotations.summary ?? ''}`
  if (status === 'resolved') return `  over: ${what}`
  return `  ${severity.toUpperCase()}: ${what}\n    what to do: ${annotations.runbook_url ?? 'docs/runbooks'}`
}
