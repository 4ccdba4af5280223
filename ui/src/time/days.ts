import { z } from 'zod'

/** The days that the server can be asked for: those that every time zone's rules cover. */
export const firstDay = '1900-01-01'
export const lastDay = '2999-12-31'

export const daysWords = `Days from ${firstDay} to ${lastDay} can be asked for.`

/** A day that can be asked for; whatever else an address says is none. */
export const askedDay = z.iso.date().refine(isAskable).optional().catch(undefined)

export function isAskable(day: string): boolean {
  return day >= firstDay && day <= lastDay
}
