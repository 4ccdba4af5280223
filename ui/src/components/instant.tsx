import { dayIn, timeIn } from '../time/reporting-zone.ts'

const timeOfDay = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' })
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `14:03:07` in the reader's zone. */
export function formatTime(ms: number): string {
  return timeOfDay.format(ms)
}

const formats = { day, full: dayAndTime, time: timeOfDay } as const

type InstantProps = {
  readonly at: string
  readonly show?: keyof typeof formats
  /** The reporting zone, where the reader's own would put it on another day than the figures that it is in. */
  readonly zone?: string | undefined
}

/** A moment in the reader's zone, or in the reporting zone; the exact instant stands in `datetime`. */
export function Instant({ at, show = 'full', zone }: InstantProps) {
  const ms = Date.parse(at)
  if (zone !== undefined) {
    return (
      <time dateTime={at} title={`${timeIn(zone, at)}, ${zone}`} className="whitespace-nowrap">
        {show === 'day' ? dayIn(zone, ms) : timeIn(zone, at)}
      </time>
    )
  }
  return (
    <time dateTime={at} title={dayAndTime.format(ms)} className="whitespace-nowrap">
      {formats[show].format(ms)}
    </time>
  )
}
