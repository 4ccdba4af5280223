import { AsyncLocalStorage } from 'node:async_hooks'
import type { Logger } from '../logger.ts'
import { isSampled } from '../traceparent.ts'
import type { SpanName } from './spans.ts'
import type { SpanOptions, TraceCounts, Tracer, TraceSpan } from './tracer.ts'
import type { TracingEnvironment } from './tracing-environment.ts'

export type { TraceSpan } from './tracer.ts'

/** That of the process, as the logger's standard output is. */
let tracer: Tracer | undefined
const current = new AsyncLocalStorage<{ readonly span: TraceSpan; left: number }>()

/** A batch of ten thousand payments is one request: its trace shows the first of them. */
const MOST_PARTS = 20

/**
 * Lets the process send its spans to where OTEL_EXPORTER_OTLP_ENDPOINT says. Without it nothing of OpenTelemetry is
 * loaded, and each place that would begin a span asks one variable.
 */
export async function openTracing(
  config: TracingEnvironment,
  service: string,
  log: Logger,
  options: { readonly isEdge?: boolean } = {},
): Promise<Tracing> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return { close: async () => undefined }
  const { createTracer } = await import('./otel-tracer.ts')
  const opened = createTracer({ ...config, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, service, log, options)
  tracer = opened
  return {
    async close() {
      if (tracer === opened) tracer = undefined
      await opened.close()
    },
  }
}

/** `close` hands over what waits, for half a second at most. */
export type Tracing = Pick<Tracer, 'close'>

export function isTracing(): boolean {
  return tracer !== undefined
}

/** Begins a part of the trace that `parent` belongs to; undefined where that is not recorded, or nothing is. */
export function startSpan(name: SpanName, parent: string | undefined, options: SpanOptions = {}) {
  if (tracer === undefined || parent === undefined || !isSampled(parent)) return undefined
  return tracer.start(name, parent, options)
}

/** One that has no parent, and is recorded since those are to which it is linked. */
export function startLinked(name: SpanName, links: readonly string[], options: SpanOptions = {}) {
  if (tracer === undefined || links.length === 0) return undefined
  return tracer.start(name, undefined, { ...options, links })
}

/** What a request is given on its way, and its span, where it has one. Undefined where nothing is traced. */
export function enterTrace(parent: string | undefined) {
  return tracer?.enter(parent)
}

/**
 * What a part of the work for the request that is being answered is to be given; undefined where it is not recorded,
 * and once so many parts have it.
 */
export function currentTrace(): string | undefined {
  const store = tracer === undefined ? undefined : current.getStore()
  if (store === undefined || store.left === 0) return undefined
  store.left -= 1
  return store.span.traceparent
}

/** `work` and all that it waits for belongs to the span. */
export function within<Result>(span: TraceSpan, work: () => Result): Result {
  return current.run({ span, left: MOST_PARTS }, work)
}

/** Undefined where nothing is traced. */
export function traceCounts(): TraceCounts | undefined {
  return tracer?.counts()
}

const carried = new WeakMap<object, string>()

/** Lets an object of this process carry the trace that it belongs to. */
export function carry(object: object, traceparent: string | undefined): void {
  if (traceparent !== undefined && tracer !== undefined) carried.set(object, traceparent)
}

export function carriedBy(object: object): string | undefined {
  return tracer === undefined ? undefined : carried.get(object)
}
