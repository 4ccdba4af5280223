import assert from 'node:assert/strict'
import { systemClock as clock } from '@micropay/runtime/clock'
import { z } from 'zod'

const Answer = z.object({ status: z.literal('success'), data: z.unknown() })
const Targets = z.object({
  activeTargets: z.array(
    z.object({ labels: z.record(z.string(), z.string()), health: z.string(), lastError: z.string() }),
  ),
})
const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
})
const Alerts = z.object({
  alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })),
})
const Found = z.object({ result: z.array(z.unknown()) })

/** What a Prometheus knows, by its own API. */
export function askPrometheus(url: string) {
  const ask = async (path: string) => {
    const answer = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })
    return Answer.parse(await answer.json()).data
  }
  return {
    targets: async () => Targets.parse(await ask('targets?state=active')).activeTargets,
    rules: async () => Rules.parse(await ask('rules')).groups.flatMap(({ rules }) => rules),
    firing: async () =>
      Alerts.parse(await ask('alerts')).alerts.flatMap(({ labels, state }) => (state === 'firing' ? [labels] : [])),
    hasSeries: async (metric: string) =>
      Found.parse(await ask(`query?query=${encodeURIComponent(metric)}`)).result.length > 0,
  }
}

export async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = clock.monotonicMs() + withinMs
  while (!(await isSo())) {
    assert.ok(clock.monotonicMs() < untilMs, `not within ${withinMs / 1_000} s: ${what}`)
    await clock.sleep(500)
  }
}
