import { startOfDay } from '@micropay/schemas/days'

/** The days that a payment can count on, as far as the page knows them: the ledger judges. */
export type OpenDays = {
  readonly zone: string
  readonly today: string
  /** The day after the last closed one; null where every day is open. */
  readonly firstOpenDay: string | null
  /** The accounts of the payment that were opened on a day that staff gave. */
  readonly opened: readonly { readonly accountId: string; readonly openedOn: string }[]
}

type Dated = { readonly effectiveAt?: string }

const HALF_A_DAY_MS = 43_200_000

/**
 * The request as it counts on that day of the ledger's zone: at noon, so that readers in most other zones see it on the
 * same day. Without a day, or with today's, it counts when it is posted.
 */
export function countingOn<Request extends Dated>(
  request: Request,
  day: string | undefined,
  { zone, today }: Pick<OpenDays, 'zone' | 'today'>,
): Request {
  if (day === undefined || day === today) return request
  return { ...request, effectiveAt: new Date(startOfDay(day, zone).getTime() + HALF_A_DAY_MS).toISOString() }
}

/** The first day that is open, and why it is that one; undefined where all are. */
export function earliestDay({ firstOpenDay, opened }: Pick<OpenDays, 'firstOpenDay' | 'opened'>) {
  const latest = opened.toSorted((a, b) => a.openedOn.localeCompare(b.openedOn)).at(-1)
  if (latest && (firstOpenDay === null || latest.openedOn > firstOpenDay)) {
    return { day: latest.openedOn, why: `when ${latest.accountId} was opened` }
  }
  return firstOpenDay === null ? undefined : { day: firstOpenDay, why: 'the day after the last closed one' }
}

/** `From 2026-06-01, the day after the last closed one, to today, 2026-07-03 in UTC.` */
export function openDaysWords(open: OpenDays): string {
  const { zone, today } = open
  const earliest = earliestDay(open)
  const from = earliest ? `From ${earliest.day}, ${earliest.why}, to` : 'Any day up to'
  return `${from} today, ${today} in ${zone}. Left empty, it counts now.`
}
