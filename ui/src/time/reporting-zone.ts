import { isZone } from '@micropay/schemas/days'
import { z } from 'zod'

/** The time zone whose days finance reports by; it lives in the URL, and without one it is UTC. */
export const reportingZone = z.string().refine(isZone).optional().catch(undefined)

export const usualZone = 'UTC'

/** The reader's own time zone, which their days are days of unless they report by another. */
export const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** The day that it is in a zone, such as `2026-03-31`. */
export function dayIn(zone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, calendar: 'iso8601', numberingSystem: 'latn' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  }).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** Whether two instants are on the same day of a zone. */
export function isSameDay(zone: string, at: string, other: string): boolean {
  return at === other || dayIn(zone, Date.parse(at)) === dayIn(zone, Date.parse(other))
}

/** The day so many days before or after another. */
export function shiftedDay(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
}

/**
 * `2026-03-31 23:30`, in the reporting time zone: the reader's own would put an entry on another day than its total.
 */
export function timeIn(zone: string, at: string): string {
  const ms = Date.parse(at)
  const time = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', numberingSystem: 'latn' },
    ...{ hour: '2-digit', minute: '2-digit' },
  })
  return `${dayIn(zone, ms)} ${time.format(ms)}`
}
