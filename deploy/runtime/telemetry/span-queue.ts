import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { TraceCounts } from './tracer.ts'

/** So many spans wait at most, of a kilobyte or so each; what comes then is lost, and counted. */
export const MOST_WAITING = 8_192
/** In one request. */
const MOST_SENT = 512
const SEND_EVERY_MS = 1_000
/** A gateway has five seconds for all that it ends, and most of them are of those who wait for answers. */
const CLOSE_WITHIN_MS = 500

/**
 * Holds spans that have ended until they are sent, one batch at a time. Nobody ever waits for it: while the receiver is
 * away, or slower than spans come, they are lost; that is counted, and said once, and again when it is over.
 */
export function createSpanQueue({ exporter, clock, log }: SpanQueueOptions): SpanQueue {
  let waiting: ReadableSpan[] = []
  let sending: Promise<void> | undefined
  let exported = 0
  let dropped = 0
  let isLosing = false

  function lose(count: number, reason: string): void {
    dropped += count
    if (!isLosing) log.warn({ reason, dropped }, 'traces are lost: spans are dropped until their receiver takes them')
    isLosing = true
  }
  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_SENT)
      waiting = waiting.slice(MOST_SENT)
      const failure = await exportedBy(exporter, batch)
      if (failure !== undefined) {
        lose(batch.length, failure)
        continue
      }
      exported += batch.length
      if (isLosing && waiting.length < MOST_SENT) {
        log.info({ dropped }, 'traces reach their receiver again')
        isLosing = false
      }
    }
  }
  function begin(): void {
    sending ??= send().finally(() => {
      sending = undefined
    })
  }
  const timer = clock.every(SEND_EVERY_MS, begin)
  async function close(): Promise<void> {
    timer.cancel()
    begin()
    const over = new AbortController()
    await Promise.race([sending, clock.sleep(CLOSE_WITHIN_MS, over.signal)])
    over.abort()
    if (waiting.length > 0) lose(waiting.length, 'the process ends')
    waiting = []
  }
  return {
    processor: {
      onStart: () => undefined,
      onEnd(span) {
        if (waiting.length >= MOST_WAITING) return lose(1, 'they come faster than their receiver takes them')
        waiting.push(span)
        if (waiting.length >= MOST_SENT) begin()
      },
      forceFlush: async () => begin(),
      shutdown: close,
    },
    counts: () => ({ exported, dropped, waiting: waiting.length }),
    close,
  }
}

export type SpanQueueOptions = {
  readonly exporter: Pick<SpanExporter, 'export'>
  readonly clock: Pick<Clock, 'every' | 'sleep'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export type SpanQueue = {
  readonly processor: SpanProcessor
  counts(): TraceCounts
  /** Sends what waits, for half a second at most. */
  close(): Promise<void>
}

/** Undefined once the receiver has them, or else why not. */
function exportedBy(exporter: SpanQueueOptions['exporter'], batch: ReadableSpan[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    try {
      exporter.export(batch, ({ code, error }) => resolve(code === 0 ? undefined : reasonOf(error)))
    } catch (error) {
      resolve(reasonOf(error))
    }
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message || error.name : 'it was not taken'
}
