import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { AskedSource, Tell, Told } from './told.ts'

/** A scrape waits so long for a source; Prometheus waits 10 s for a scrape. */
const WAITS_MS = 2_000
/** So long beyond the next time that it should have been asked, what it said last is told. */
const GRACE_MS = 10_000

/**
 * Tells what a source said last, and asks it again where that is due, once at a time. What is older than twice its
 * time is told no more: a figure that stands still looks like one that is well.
 */
export function askInTime({ name, everyMs, ask }: AskedSource, clock: Clock, log: Logger) {
  let said: { readonly told: readonly Told[]; readonly atMs: number } | undefined
  let asking: Promise<void> | undefined
  let hasFailed = false

  async function askNow(): Promise<void> {
    const told: Told[] = []
    try {
      await ask((of, value, ...[labels]) => void told.push({ name: of, value, labels: { ...labels } }))
      said = { told, atMs: clock.monotonicMs() }
      hasFailed = false
    } catch (error) {
      if (!hasFailed) log.warn({ err: error, source: name }, 'a source of metrics does not answer')
      hasFailed = true
    }
  }
  const ageMs = () => (said ? clock.monotonicMs() - said.atMs : Number.POSITIVE_INFINITY)

  return async (tell: Tell): Promise<void> => {
    if (ageMs() >= everyMs || hasFailed) {
      asking ??= askNow().finally(() => {
        asking = undefined
      })
    }
    if (asking) {
      const answered = new AbortController()
      await Promise.race([asking, clock.sleep(WAITS_MS, answered.signal)])
      answered.abort()
    }
    const isUp = said !== undefined && ageMs() <= 2 * everyMs + GRACE_MS
    tell('micropay_metrics_source_up', isUp ? 1 : 0, { source: name })
    if (isUp) tellAgain(said?.told ?? [], tell as (...told: unknown[]) => void)
  }
}

/** They were checked against the table when they were told first. */
function tellAgain(told: readonly Told[], tell: (...told: unknown[]) => void): void {
  for (const { name, value, labels } of told) tell(name, value, labels)
}
