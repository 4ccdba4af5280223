import { hostname } from 'node:os'
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { systemClock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { isSampled, traceparentFor, unsampled } from '../traceparent.ts'
import { samplerOf } from './sampler.ts'
import { createSpanQueue } from './span-queue.ts'
import { type SpanName, spans } from './spans.ts'
import type { SpanOptions, Tracer, TraceSpan } from './tracer.ts'
import type { TracingEnvironment } from './tracing-environment.ts'

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

/** An export that takes longer has failed: what it held is lost, and the next one is tried. */
const EXPORT_WITHIN_MS = 5_000

type Config = TracingEnvironment & { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string }

/** Makes spans with OpenTelemetry's SDK, and sends them by OTLP over HTTP in protobuf. */
export function createTracer(
  config: Config,
  service: string,
  log: Logger,
  { isEdge = false }: { readonly isEdge?: boolean },
): Tracer {
  const exporter = new OTLPTraceExporter({
    url: `${config.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces`,
    ...(config.OTEL_EXPORTER_OTLP_HEADERS ? { headers: config.OTEL_EXPORTER_OTLP_HEADERS } : {}),
    timeoutMillis: EXPORT_WITHIN_MS,
  })
  const queue = createSpanQueue({ exporter, clock: systemClock, log })
  const provider = new TracerProvider({
    resource: resourceOf(service),
    sampler: samplerOf(config, { isEdge, clock: systemClock }),
    spanProcessors: [queue.processor],
  })
  const tracer = provider.getTracer('micropay')
  const followsCallers = config.OTEL_TRACES_SAMPLER.startsWith('parentbased_')
  const at = createWallClock()

  function begin(name: SpanName, context: Context, options: SpanOptions): Span {
    const { title, attributes, sinceMs = systemClock.monotonicMs(), links = [] } = options
    const row = spans[name]
    return tracer.startSpan(
      title ?? row.title,
      {
        kind: kinds[row.kind],
        startTime: at(sinceMs),
        ...(attributes ? { attributes } : {}),
        links: links.map((link) => ({ context: contextOf(link) })),
      },
      context,
    )
  }
  function told(span: Span): TraceSpan | undefined {
    if (!span.isRecording()) return undefined
    return {
      traceparent: traceparentFor(span.spanContext()),
      set: (attributes) => void span.setAttributes(attributes),
      name: (title) => void span.updateName(title),
      end(failure, endMs = systemClock.monotonicMs()) {
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
        span.end(at(endMs))
      },
    }
  }
  return {
    start(name, parent, options) {
      const context = parent === undefined ? ROOT_CONTEXT : behind(parent, false)
      // What a log or a notice says is not to be believed to be well-formed.
      return parent !== undefined && context === ROOT_CONTEXT ? undefined : told(begin(name, context, options))
    },
    enter(parent) {
      // Most requests are of that kind: nothing is made for them.
      if (parent !== undefined && followsCallers && !isSampled(parent)) return { traceparent: parent, span: undefined }
      const begun = begin('request', parent ? behind(parent, true) : ROOT_CONTEXT, {})
      const span = told(begun)
      if (span) return { traceparent: span.traceparent, span }
      // What its caller wanted to be recorded, and is not, must not be recorded further on.
      const refused = parent && isSampled(parent) ? unsampled(parent) : parent
      return { traceparent: refused ?? traceparentFor(begun.spanContext()), span: undefined }
    },
    counts: queue.counts,
    close: queue.close,
  }
}

function resourceOf(service: string) {
  return resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'micropay',
    'service.instance.id': `${hostname()}-${process.pid}`,
  })
}

function contextOf(traceparent: string) {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}

/** `isRemote`: another process says so, which may be anybody's. */
function behind(traceparent: string, isRemote: boolean): Context {
  const context = { ...contextOf(traceparent), isRemote }
  return isSpanContextValid(context) ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT
}

/**
 * Milliseconds since 1970 of an instant of the monotonic clock, finer than the wall clock tells them; it follows that
 * one where it was set.
 */
function createWallClock(): (monotonicMs: number) => number {
  const offsetNow = () => systemClock.nowMs() - systemClock.monotonicMs()
  let offsetMs = offsetNow()
  return (monotonicMs) => {
    const now = offsetNow()
    if (Math.abs(now - offsetMs) > SET_BY_MS) offsetMs = now
    return offsetMs + monotonicMs
  }
}

const SET_BY_MS = 50
