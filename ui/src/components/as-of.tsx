import type { Freshness } from '../api/freshness.ts'
import { formatTime } from './instant.tsx'

/** What the page reflects: `As of 14:03:07, position 0:1842, 0.2 s behind`. */
export function AsOf({ freshness }: { readonly freshness: Freshness }) {
  const { position, ageSeconds, stale, receivedAtMs } = freshness
  return (
    <p data-testid="as-of" className="mt-6 min-h-5 text-xs text-ink-faint">
      As of <time dateTime={new Date(receivedAtMs).toISOString()}>{formatTime(receivedAtMs)}</time>
      {position ? <>, position {position}</> : null}
      {ageSeconds === null ? null : <>, {secondsOf(ageSeconds)} s behind</>}
      {stale ? <strong className="text-warn"> (your latest change is not in here yet)</strong> : null}
    </p>
  )
}

function secondsOf(seconds: number): string {
  return seconds >= 10 || Number.isInteger(seconds) ? String(Math.round(seconds)) : seconds.toFixed(1)
}
