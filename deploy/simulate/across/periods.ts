import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'

/** A period as a partition knows it, by code of its own; `before` is the first instant behind it. */
export type Period = {
  readonly before: string
  readonly until: string
  /** What the figures of each partition are of, in their order. */
  readonly seals: readonly { readonly partition: number; readonly seq: number }[]
  readonly outcome: 'closing' | 'closed' | { readonly code: string }
}

export type Periods = {
  readonly periods: ReadonlyMap<string, Period>
  /** Nothing new counts in front of it; empty where all days are open. */
  lockedBefore(): string
}

export function createPeriods() {
  const periods = new Map<string, Period>()
  return {
    periods,
    lockedBefore: () =>
      [...periods.values()].reduce((latest, { before, outcome }) => {
        return typeof outcome === 'string' && before > latest ? before : latest
      }, ''),
    enter({ type, data }: LedgerEvent): void {
      if (type === 'PeriodClosing') {
        const { before, until, seals } = data
        // One at a time: how the one before ended was not heard here, and is no fact any more.
        const other = closingIn({ periods })
        if (other) periods.set(other.id, { ...other, outcome: { code: 'not heard' } })
        periods.set(data.periodId, { before, until, seals, outcome: 'closing' })
      }
      const period = 'periodId' in data ? periods.get(data.periodId) : undefined
      if (!period) return
      if (type === 'PeriodClosed') periods.set(data.periodId, { ...period, outcome: 'closed' })
      if (type === 'PeriodCalledOff') {
        const { periodId, rejection } = data
        periods.set(periodId, { ...period, outcome: { code: rejection.code } })
      }
    },
  }
}

/** What is being closed, if anything is: one period at a time. */
export function closingIn({ periods }: Pick<Periods, 'periods'>): (Period & { readonly id: string }) | undefined {
  const found = [...periods].find(([, { outcome }]) => outcome === 'closing')
  return found && { ...found[1], id: found[0] }
}

/** Where the last posting stands that counts before an instant; 0 where there is none. */
export function lastPosting(commits: readonly { readonly commit: Commit }[], before: string): number {
  const isIn = ({ type, data }: LedgerEvent) =>
    (type === 'PaymentPosted' || type === 'LegsPosted') && Date.parse(data.effectiveAt) < Date.parse(before)
  return commits.findLast(({ commit }) => commit.events.some(isIn))?.commit.seq ?? 0
}
