import { formatPositions, parsePositions } from '@micropay/schemas/position'

/** What an answer reflects: the position it holds, how many seconds it may be behind, and when it came. */
export type Freshness = {
  readonly position: string | null
  readonly ageSeconds: number | null
  readonly stale: boolean
  /** It is what the gateway was told before: the service that knows it does not answer. */
  readonly isKept?: boolean
  readonly receivedAtMs: number
}

/** A value together with what it reflects. */
export type Reading<T> = { readonly value: T; readonly freshness: Freshness }

export function freshnessOf(headers: Headers, receivedAtMs: number): Freshness {
  // `Age` has whole seconds; `Behind` says the same to a tenth.
  const behind = headers.get('behind') ?? headers.get('age')
  return {
    position: headers.get('position'),
    ageSeconds: behind !== null && /^[0-9]+(\.[0-9]+)?$/.test(behind) ? Number(behind) : null,
    stale: headers.get('stale') === 'true',
    isKept: /^micropay; hit; detail=/.test(headers.get('cache-status') ?? ''),
    receivedAtMs,
  }
}

/** What stands on the screen after a live update: the furthest of both positions, heard of just now. */
export function advanced(freshness: Freshness, position: string, nowMs: number): Freshness {
  return { position: furthest(freshness.position, position), ageSeconds: 0, stale: false, receivedAtMs: nowMs }
}

/** The oldest of several answers: a page made of parts is as old as its oldest part. */
export function oldest(readings: readonly Freshness[]): Freshness | undefined {
  return readings.toSorted((a, b) => seenAt(a) - seenAt(b))[0]
}

export function isNewer(position: string, than: string): boolean {
  const known = new Map((parsePositions(than) ?? []).map((place) => [place.partition, place.seq]))
  return (parsePositions(position) ?? []).some((place) => place.seq > (known.get(place.partition) ?? 0))
}

function furthest(before: string | null, position: string): string {
  const reached = new Map<number, number>()
  for (const place of [...(parsePositions(before ?? '') ?? []), ...(parsePositions(position) ?? [])]) {
    reached.set(place.partition, Math.max(place.seq, reached.get(place.partition) ?? 0))
  }
  return formatPositions(
    [...reached].map(([partition, seq]) => ({ partition, seq })).sort((a, b) => a.partition - b.partition),
  )
}

/** When what is shown was so, at the latest. */
export function seenAt(freshness: Freshness): number {
  return freshness.receivedAtMs - (freshness.ageSeconds ?? 0) * 1000
}
