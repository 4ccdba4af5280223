import { ProblemError } from '@micropay/runtime/problem-error'
import { Day, endOfDay, TimeZone } from '@micropay/schemas/days'
import { formatPositions, type Position, parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import type { Head } from '../position/snapshot.ts'

/**
 * What a figure is asked for: the end of a day by value date in the reporting time zone, a position of the ledger, or
 * now.
 */
export type AsOf =
  | { readonly kind: 'now' }
  | { readonly kind: 'instant'; readonly before: Date }
  | { readonly kind: 'position'; readonly positions: readonly Position[] }

export const asOfQuery = {
  day: Day.optional().meta({ description: 'The end of this day, by value date, in `zone`.' }),
  position: z
    .string()
    .max(1_000)
    .optional()
    .meta({ description: 'As the ledger stood at this position, such as 0:1842. Not together with `day`.' }),
  zone: TimeZone,
}

type AsOfQuery = { readonly day?: string | undefined; readonly position?: string | undefined; readonly zone: string }

export function asOfOf({ day, position, zone }: AsOfQuery): AsOf {
  if (day !== undefined && position !== undefined) {
    throw new ProblemError('invalid_request', 'ask for a day or for a position, not for both')
  }
  if (day !== undefined) return { kind: 'instant', before: endOfDay(day, zone) }
  if (position === undefined) return { kind: 'now' }
  const positions = parsePositions(position)
  if (!positions) throw new ProblemError('invalid_request', 'the position must look like 0:1842')
  return { kind: 'position', positions }
}

/** A position says where every partition stood, and the read model must have been there. */
export function checkReached(asOf: AsOf, head: Head): void {
  if (asOf.kind !== 'position') return
  const named = new Map(asOf.positions.map(({ partition, seq }) => [partition, seq]))
  const isThere = head.positions.every(
    ({ partition, seq }) => (named.get(partition) ?? Number.POSITIVE_INFINITY) <= seq,
  )
  if (isThere && named.size === head.positions.length) return
  const position = formatPositions(head.positions)
  throw new ProblemError('invalid_request', `the position must name every partition, up to ${position}`)
}
