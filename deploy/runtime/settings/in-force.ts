import type { Given } from './given.ts'
import { shownValue } from './shown-value.ts'

/** One setting as people see it. */
export type SettingInForce = {
  readonly name: string
  /** Null where there is none. Secrets are hidden. */
  readonly value: string | null
  readonly from: string | null
  /** Whether another value holds at once, or from the next start on. */
  readonly changes: 'at once' | 'at a restart'
  /** Whether another value was given meanwhile that waits for a restart. */
  readonly isWaiting: boolean
}

type Known = { readonly given: Given['values']; readonly values: Readonly<Record<string, unknown>> }

export function inForceOf(names: readonly string[], atStart: Known, now: Known, live: ReadonlySet<string>) {
  return names.toSorted().map((name): SettingInForce => {
    const isLive = live.has(name)
    const { given, values } = isLive ? now : atStart
    const isWaiting = !isLive && now.given.get(name)?.value !== atStart.given.get(name)?.value
    const found = given.get(name)
    const changes = isLive ? 'at once' : 'at a restart'
    if (found) return { name, value: shownValue(name, found.value), from: found.from, changes, isWaiting }
    const value = values[name]
    if (value === undefined) return { name, value: null, from: null, changes, isWaiting }
    return { name, value: shownValue(name, String(value)), from: 'the default', changes, isWaiting }
  })
}
