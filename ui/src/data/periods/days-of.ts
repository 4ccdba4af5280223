import type { Period } from '@micropay/schemas/api/period'

type Days = { readonly from: Period['from']; readonly through: Period['through'] }

/** `2026-06-01 to 2026-06-30`; without a first day they go back to the beginning. */
export function daysOf({ from, through }: Days): string {
  if (from === null) return `up to ${through}`
  return from === through ? through : `${from} to ${through}`
}

/** The same where it stands first. */
export function daysTitle(days: Days): string {
  return daysOf(days).replace('up', 'Up')
}
