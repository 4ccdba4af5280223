/**
 * How long to wait before the next try, after so many failures in a row: `firstMs`, then twice as long each time, and
 * `mostMs` at most.
 */
export function backOff(failures: number, { firstMs, mostMs }: BackOff): number {
  return Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1))
}

export type BackOff = { readonly firstMs: number; readonly mostMs: number }
