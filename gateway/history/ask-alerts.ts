import type { ActiveAlert, History } from '@micropay/schemas/api/history'
import { request } from 'undici'
import { z } from 'zod'

const TIMEOUT_MS = 2_000
const MOST_ALERTS = 100
const MOST_BYTES = 1024 * 1024
const MOST_CHARACTERS = 300

/** As Alertmanager's API v2 has them: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
const Told = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
    startsAt: z.string(),
  }),
)

/** The alerts that are active and that nobody has silenced, or why they are not known; without Watchdog. */
export async function askAlerts(url: string | undefined): Promise<Pick<History, 'alerts' | 'alertsReason'>> {
  if (url === undefined) return { alerts: null, alertsReason: 'no Alertmanager is named: ALERTMANAGER_URL' }
  try {
    const address = `${url.replace(/\/$/, '')}/api/v2/alerts?active=true&silenced=false&inhibited=false`
    const answer = await request(address, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      return { alerts: null, alertsReason: `Alertmanager answers ${answer.statusCode}` }
    }
    const told = Told.safeParse(JSON.parse(await boundedText(answer.body)))
    if (told.success) {
      const alerts = told.data.filter(({ labels }) => labels.severity !== 'none')
      return { alerts: alerts.slice(0, MOST_ALERTS).map(shown), alertsReason: null }
    }
    return { alerts: null, alertsReason: 'Alertmanager answers in a form that the gateway does not know' }
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'answers in a form that the gateway does not know' : 'does not answer'
    return { alerts: null, alertsReason: `Alertmanager ${reason}` }
  }
}

/** Throws for an answer that is larger than any list of alerts. */
async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw new SyntaxError(`it has more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function shown({ labels, annotations, startsAt }: z.infer<typeof Told>[number]): ActiveAlert {
  const since = new Date(startsAt)
  return {
    name: short(labels.alertname) ?? 'an alert without a name',
    severity: short(labels.severity),
    since: Number.isNaN(since.getTime()) ? new Date(0).toISOString() : since.toISOString(),
    summary: short(annotations.summary),
    runbook: runbookIn(annotations.runbook_url),
  }
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, MOST_CHARACTERS)
}

/** Only what a browser may be sent to, or a path that leads nowhere by itself. */
function runbookIn(told: string | undefined): string | null {
  if (told === undefined || told.length > MOST_CHARACTERS) return null
  const isAddress = /^https?:$/.test(URL.parse(told)?.protocol ?? '')
  return isAddress || /^[\w-][\w./#-]*$/.test(told) ? told : null
}
