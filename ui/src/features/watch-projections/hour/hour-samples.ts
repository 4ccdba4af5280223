import type { FlowFigures, History } from '@micropay/schemas/api/history'
import type { FlowSample } from '../flow/sample-flow.ts'

/** A look of the gateway's as the charts have those of this page. */
export function sampleIn(figures: FlowFigures): FlowSample {
  return {
    atMs: Date.parse(figures.at),
    requests: figures.requestsPerSecond,
    reads: null,
    commits: figures.commitsPerSecond,
    applied: figures.appliedPerSecond,
    lagRecords: figures.lagRecords,
    lagSeconds: figures.lagSeconds,
    lagAtLeast: figures.lagAtLeast,
    appendP50: figures.appendLatencyMs?.p50 ?? null,
    appendP99: figures.appendLatencyMs?.p99 ?? null,
  }
}

/**
 * With a gap where nobody looked, so that no line is drawn across what is not known: a gateway that stood still, or a
 * machine that slept.
 */
export function withGaps(samples: readonly FlowSample[], everySeconds: number): readonly FlowSample[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1]
    const isGap = before !== undefined && sample.atMs - before.atMs > 3 * everySeconds * 1000
    return isGap ? [{ ...nothing, atMs: before.atMs + everySeconds * 1000 }, sample] : [sample]
  })
}

const nothing: Omit<FlowSample, 'atMs'> = {
  ...{ requests: null, reads: null, commits: null, applied: null, lagRecords: null, lagSeconds: null },
  ...{ lagAtLeast: true, appendP50: null, appendP99: null },
}

/** Who went wrong last first; who never did, behind all others. */
export function newestFirst(errors: History['errors']): History['errors'] {
  return errors.toSorted((one, other) => (other.lastError?.at ?? '').localeCompare(one.lastError?.at ?? ''))
}
