import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Asked } from './asked.ts'
import { isBrought } from './expected-fold.ts'

type Data<Type extends LedgerCommand['type']> = Extract<LedgerCommand, { type: Type }>['data']
type Closed = { readonly periodId: string; readonly day: number; readonly beforeMs: number }
type Calendar = {
  zone: string
  /** In the order in which they were closed. */
  readonly closed: Closed[]
  /** When each payment counts, and where it stands. */
  readonly valued: { readonly atMs: number; readonly seq: number }[]
}

/** The days of each tenant: which are over, which are closed, and what counts in them. */
export type ExpectedPeriods = {
  /** Why a payment of staff may not count then; undefined where it may. */
  againstValueDate(effectiveAt: string | undefined, tenant: string, decidedAt: string): string | undefined
  /** The first instant of a day in the tenant's zone. */
  startOf(day: string, tenant: string): number
  closedPeriodOf(atMs: number, tenant: string): string | undefined
  /** Whether one instant lies on an earlier day than another. */
  isDayBefore(atMs: number, otherMs: number, tenant: string): boolean
  isAfterToday(day: string, tenant: string, decidedAt: string): boolean
  outcomeOfClosing(data: Data<'ClosePeriod'>, asked: Asked): string
  outcomeOfReopening(data: Data<'ReopenPeriod'>, tenant: string): string
  close(data: Data<'ClosePeriod'>, tenant: string, seq: number): void
  reopen(tenant: string): void
  setZone(zone: string, tenant: string): void
  value(atMs: number, tenant: string, seq: number): void
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Zones that the simulated people live in: their clocks never change. */
const hoursAhead: Readonly<Record<string, number>> = { UTC: 0, 'Asia/Tokyo': 9, 'America/Bogota': -5 }

export function createExpectedPeriods(): ExpectedPeriods {
  const calendars = new Map<string, Calendar>()
  const of = (tenant: string): Calendar => {
    const known = calendars.get(tenant) ?? { zone: 'UTC', closed: [], valued: [] }
    calendars.set(tenant, known)
    return known
  }
  const aheadMs = (tenant: string) => (hoursAhead[of(tenant).zone] ?? 0) * HOUR_MS
  const dayOf = (atMs: number, tenant: string) => Math.floor((atMs + aheadMs(tenant)) / DAY_MS)
  const dayAt = (instant: string, tenant: string) => dayOf(Date.parse(instant), tenant)
  const endOf = (day: number, tenant: string) => (day + 1) * DAY_MS - aheadMs(tenant)

  return {
    againstValueDate(effectiveAt, tenant, decidedAt) {
      if (effectiveAt === undefined) return undefined
      if (dayAt(effectiveAt, tenant) > dayAt(decidedAt, tenant)) return 'value_date_in_future'
      const last = of(tenant).closed.at(-1)
      return last && Date.parse(effectiveAt) < last.beforeMs ? 'period_closed' : undefined
    },
    startOf: (day, tenant) => numberOf(day) * DAY_MS - aheadMs(tenant),
    closedPeriodOf: (atMs, tenant) => of(tenant).closed.find(({ beforeMs }) => atMs < beforeMs)?.periodId,
    isDayBefore: (atMs, otherMs, tenant) => dayOf(atMs, tenant) < dayOf(otherMs, tenant),
    isAfterToday: (day, tenant, decidedAt) => numberOf(day) > dayAt(decidedAt, tenant),
    outcomeOfClosing({ from, through, seq }, { tenant, decidedAt, generation, seq: place }) {
      const { closed, valued } = of(tenant)
      const [last, day] = [closed.at(-1), numberOf(through)]
      const beforeMs = endOf(day, tenant)
      if (day >= dayAt(decidedAt, tenant)) return 'period_in_future'
      if (last && (day <= last.day || beforeMs <= last.beforeMs)) return 'period_already_closed'
      if (last && from !== undefined && numberOf(from) !== last.day + 1) return 'period_gap'
      if (isBrought('period_not_reached', generation) && seq >= place) return 'period_not_reached'
      return valued.some((each) => each.atMs < beforeMs && each.seq > seq) ? 'period_changed' : 'accepted'
    },
    outcomeOfReopening({ periodId }, tenant) {
      const { closed } = of(tenant)
      if (!closed.some((each) => each.periodId === periodId)) return 'period_not_closed'
      return closed.at(-1)?.periodId === periodId ? 'accepted' : 'period_not_last'
    },
    close({ through }, tenant, seq) {
      const day = numberOf(through)
      of(tenant).closed.push({ periodId: `prd-0-${seq}`, day, beforeMs: endOf(day, tenant) })
    },
    reopen: (tenant) => void of(tenant).closed.pop(),
    setZone(zone, tenant) {
      of(tenant).zone = zone
    },
    value: (atMs, tenant, seq) => void of(tenant).valued.push({ atMs, seq }),
  }
}

/** Days since 1970. */
function numberOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS
}
