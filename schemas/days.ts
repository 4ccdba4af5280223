import { z } from 'zod'

/**
 * The instants that a range of days spans in a time zone: `since` belongs to it, `before` no longer does. Both days are
 * included.
 */
export function dayBounds({ from, to, zone }: DayRange): Bounds {
  return {
    since: from === undefined ? undefined : startOfDay(from, zone),
    before: to === undefined ? undefined : endOfDay(to, zone),
  }
}

export type DayRange = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly zone: string
}
export type Bounds = { readonly since: Date | undefined; readonly before: Date | undefined }

/** A calendar day in a range that every time zone's rules cover. */
export const Day = z.iso
  .date({ error: 'must be a day, such as 2026-03-01' })
  .refine((day) => day >= '1900-01-01' && day <= '2999-12-31', { error: 'must lie between 1900-01-01 and 2999-12-31' })
  .meta({ examples: ['2026-03-01'] })

/** A time zone of the IANA database, by the name of an area and a place in it. */
export const TimeZone = z
  .string()
  .max(64)
  .refine(isZone, { error: 'must be UTC, or an area and a place of the IANA database, such as Europe/Amsterdam' })
  .default('UTC')
  .meta({ examples: ['Europe/Amsterdam'] })

const DAY_MS = 86_400_000

/** The first instant whose local date is that day: midnight, or later where the clocks skip it. */
export function startOfDay(day: string, zone: string): Date {
  const asUtcMs = Date.parse(`${day}T00:00:00Z`)
  const offsets = [offsetMs(asUtcMs - DAY_MS, zone), offsetMs(asUtcMs + DAY_MS, zone)]
  const candidates = offsets.map((offset) => asUtcMs - offset).sort((a, b) => a - b)
  const first = candidates.find((ms) => localDay(ms, zone) >= day) ?? candidates.at(-1)
  return new Date(first ?? asUtcMs)
}

/** The first instant of the day after. */
export function endOfDay(day: string, zone: string): Date {
  return startOfDay(nextDay(day), zone)
}

/** The calendar day of a zone that an instant lies in. */
export function dayIn(zone: string, instant: string): string {
  return localDay(Date.parse(instant), zone)
}

export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
}

function localDay(ms: number, zone: string): string {
  return new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 10)
}

let latest = { zone: 'UTC', format: formatOf('UTC') }

/** How far a zone's clocks are ahead of UTC at an instant. */
function offsetMs(ms: number, zone: string): number {
  if (zone === 'UTC') return 0
  // To make a format costs some hundred times what it costs to use it.
  if (latest.zone !== zone) latest = { zone, format: formatOf(zone) }
  const parts = new Map(latest.format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return local - Math.floor(ms / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
}

/** Names with a place that PostgreSQL does not know, or not any more. */
const intlAlone = /^(?:SystemV\/|US\/Pacific-New$)/i

/**
 * A name that Intl and PostgreSQL take for the same zone, since days are made by either. Of others they make different
 * ones: PostgreSQL reads `+05:30` with the opposite sign, and `IST` as Israel's time, which is India's to Intl.
 */
export function isZone(zone: string): boolean {
  if (zone !== 'UTC' && (!/^[A-Za-z]+\/[A-Za-z]/.test(zone) || intlAlone.test(zone))) return false
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}
