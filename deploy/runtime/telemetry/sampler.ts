import { trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { Clock } from '../clock.ts'
import type { TracingEnvironment } from './tracing-environment.ts'

/** So many traces a second an edge records at most, whatever comes: what they cost is bounded. */
export const RECORDED_PER_SECOND = 100
/** Of these, since their callers say so, or gave them an id that is drawn. */
export const FROM_CALLERS_PER_SECOND = 10

type Chosen = Pick<TracingEnvironment, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>

/**
 * The sampler that the environment names. At the edge a caller may be anybody, who can ask for every trace, and choose
 * ids: those that come from outside are bounded, and so are all of them together. What is linked to a span that is
 * recorded is recorded, too.
 */
export function samplerOf(
  config: Chosen,
  { isEdge, clock }: { readonly isEdge: boolean; readonly clock: Pick<Clock, 'monotonicMs'> },
): Sampler {
  const chosen = byName(config)
  const mayTake = perSecond(RECORDED_PER_SECOND, clock)
  const mayTakeOfCallers = perSecond(FROM_CALLERS_PER_SECOND, clock)
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (links.length > 0) return { decision: SamplingDecision.RECORD_AND_SAMPLED }
      const result = chosen.shouldSample(context, traceId, name, kind, attributes, links)
      const isTaken = result.decision === SamplingDecision.RECORD_AND_SAMPLED
      const parent = trace.getSpanContext(context)
      if (!isTaken || !isEdge || parent?.isRemote === false) return result
      return (!parent || mayTakeOfCallers()) && mayTake() ? result : { decision: SamplingDecision.NOT_RECORD }
    },
    toString: () => chosen.toString(),
  }
}

function byName({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: Chosen): Sampler {
  const root = name.endsWith('always_on')
    ? new AlwaysOnSampler()
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

/** A bucket that holds those of one second. */
function perSecond(most: number, clock: Pick<Clock, 'monotonicMs'>): () => boolean {
  let left = most
  let atMs = clock.monotonicMs()
  return () => {
    const nowMs = clock.monotonicMs()
    left = Math.min(most, left + ((nowMs - atMs) / 1_000) * most)
    atMs = nowMs
    if (left < 1) return false
    left -= 1
    return true
  }
}
