import { type Freshness, seenAt } from '../api/freshness.ts'
import { formatTime } from './instant.tsx'

/** What the page reflects: `As of 14:03:07, position 0:1842, 0.2 s behind`; what was kept, as of when it was so. */
export function AsOf({ freshness }: { readonly freshness: Freshness }) {
  const { position, ageSeconds, stale, isKept, receivedAtMs } = freshness
  const atMs = isKept ? seenAt(freshness) : receivedAtMs
  return (
    <p data-testid="as-of" className="mt-6 min-h-5 text-xs text-ink-faint">
      As of <time dateTime={new Date(atMs).toISOString()}>{formatTime(atMs)}</time>
      {position ? <>, position {position}</> : null}
      {ageSeconds === null || isKept ? null : <>, {secondsOf(ageSeconds)} s behind</>}
      {stale ? <strong className="text-warn"> {staleBecause(isKept)}</strong> : null}
    </p>
  )
}

function staleBecause(isKept = false): string {
  return isKept ? '(kept from then: nothing newer can be read)' : '(your latest change is not in here yet)'
}

function secondsOf(seconds: number): string {
  return seconds >= 10 || Number.isInteger(seconds) ? String(Math.round(seconds)) : seconds.toFixed(1)
}
