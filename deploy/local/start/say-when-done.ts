import type { Clock } from '@micropay/runtime/clock'

type Told = { readonly clock: Clock; readonly say: (text: string) => void }

/** Says how long it took, when it is done. */
export async function sayWhenDone<Result>({ clock, say }: Told, name: string, work: Promise<Result>): Promise<Result> {
  const startedAt = clock.monotonicMs()
  const result = await work
  say(`  ${name} ready in ${secondsSince(clock, startedAt)}`)
  return result
}

export function secondsSince(clock: Clock, startedAtMs: number): string {
  return `${((clock.monotonicMs() - startedAtMs) / 1000).toFixed(1)} s`
}
