/**
 * Traces of what was just written, as PostgreSQL tells those who listen: `0 17 0=00-…-01 3=00-…-01` is of partition 0
 * those of 17 and 20. So many are remembered, the oldest is forgotten first, and what nobody was told of has none.
 */
export function createToldTraces(): ToldTraces {
  const traces = new Map<string, string>()
  return {
    hear(payload) {
      const [partition, first, ...told] = payload.split(' ')
      if (partition === undefined || first === undefined || !/^[0-9]{1,19}$/.test(first)) return
      for (const each of told) {
        const [place = '', traceparent = ''] = each.split('=')
        if (!/^[0-9]{1,9}$/.test(place)) continue
        traces.set(`${partition}:${BigInt(first) + BigInt(place)}`, traceparent)
        if (traces.size > MOST_TOLD) for (const oldest of traces.keys().take(1)) traces.delete(oldest)
      }
    },
    of: (partition, place) => (traces.size === 0 ? undefined : traces.get(`${partition}:${place}`)),
  }
}

export type ToldTraces = {
  hear(payload: string): void
  /** Of an offset, or a seq. */
  of(partition: number, place: bigint | number): string | undefined
}

const MOST_TOLD = 10_000
