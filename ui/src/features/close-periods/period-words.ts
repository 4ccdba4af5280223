import type { Problem } from '@micropay/schemas/api/problem'
import { shiftedDay } from '../../time/reporting-zone.ts'

const advice: Readonly<Record<string, string>> = {
  period_changed:
    'Somebody booked into these days after the figures above were read: read the checklist again, and look anew.',
  period_gap:
    'The periods must follow each other without a gap: read the checklist again, it begins where the last one ended.',
  period_already_closed: 'These days are closed. Choose a later last day.',
  period_in_future: 'A day can be closed once it is over. Choose an earlier last day.',
  period_closing: 'One period is closed at a time. See how far that one is, or call it off.',
  period_not_closing: 'It has been closed or called off in the meantime. Reload the page to see how it stands.',
  period_called_off: 'Its days are open again. Close it anew once nothing stands against it.',
  period_not_sealed: 'Its days are open again. See which partitions are away, and close it anew.',
  period_not_reached: 'Read the checklist again, and close by what it says.',
  period_not_last: 'Periods are reopened one by one, the last one first.',
  period_not_closed: 'It was reopened in the meantime. Reload the page to see how it stands.',
}

/** What somebody in finance does next after a refusal; the problem's own detail says why it happened. */
export function whatToDo({ code }: Pick<Problem, 'code'>): string | undefined {
  return advice[code]
}

/** Whether the checklist may say something else by now. */
export function isOutdated({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'period_changed' || code === 'period_gap'
}

/** The last day of the month before a day. */
export function endOfLastMonth(day: string): string {
  return shiftedDay(`${day.slice(0, 'yyyy-mm'.length)}-01`, -1)
}
