import type { AcrossFault } from '@micropay/schemas/api/across'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { PeriodClosed, PeriodSealed } from '@micropay/schemas/log/period-events'
import { formatPosition, type Position } from '@micropay/schemas/position'
import type { z } from 'zod'
import { eventOf } from '../../decide/ledger.ts'
import { HOME } from '../../decide/ledger-facts.ts'
import type { Found } from './found.ts'

type Sealed = z.infer<typeof PeriodSealed> & { readonly hash: string }
/** A period that its home has closed on the word of others. */
type Closed = {
  readonly place: Position
  readonly causes: readonly Cause[]
  readonly data: z.infer<typeof PeriodClosed>
}
type Read = readonly number[]
type IsGone = (place: Position) => boolean

/**
 * Whether each period was closed on the word of all partitions, and none of them had a posting behind its figures then.
 * Closings are few: all are remembered. That nothing was booked into it later each partition's own verification says.
 */
export function createClosingsJudge() {
  const sealed = new Map<string, Sealed>()
  const closed: Closed[] = []
  const isUnread = ({ partition, seq }: Position, read: Read) => seq > (read[partition] ?? 0)
  return {
    take({ events, causes = [] }: Commit, { partition, seq, hash }: Position & { readonly hash: string }): void {
      const said = eventOf(events, 'PeriodSealed')?.data
      if (said) sealed.set(formatPosition({ partition, seq }), { ...said, hash })
      const data = partition === HOME ? eventOf(events, 'PeriodClosed')?.data : undefined
      if (data) closed.push({ place: { partition, seq }, causes, data })
    },
    /** What was named. */
    named: (): readonly Position[] => closed.flatMap(({ causes }) => causes),
    waiting: (read: Read) => closed.flatMap(({ causes }) => causes).filter((cause) => isUnread(cause, read)).length,
    /** Words that periods were closed on, and that their partitions have lost since. */
    gone: (isGone: IsGone) => closed.flatMap(({ causes }) => causes).filter(isGone).length,
    faults: (read: Read, isGone: IsGone): Found[] =>
      closed.flatMap((each) => {
        const told = each.causes
          .filter((cause) => !isUnread(cause, read) && !isGone(cause))
          .flatMap((cause) => wrongWith(each, cause, sealed))
        return [...missing(each), ...told]
      }),
  }
}

function missing({ place, causes, data: { periodId, seals = [] } }: Closed): Found[] {
  const wanted = seals.map(({ partition }) => partition).filter((partition) => partition !== HOME)
  const named = causes.map(({ partition }) => partition)
  if (wanted.join() === named.join()) return []
  const said = `${periodId} is closed on the word of ${named.join() || 'nobody'}`
  return tell(place, 'answer_missing', `${said}, and it is a period of ${wanted.join()}`, wanted)
}

function wrongWith({ place, data }: Closed, cause: Cause, sealed: ReadonlyMap<string, Sealed>): Found[] {
  const where = formatPosition(cause)
  const of = [cause.partition]
  const found = sealed.get(where)
  if (!found) return tell(place, 'cause_missing', `${data.periodId} rests on ${where}, which seals no period`, of)
  if (found.hash !== cause.hash)
    return tell(place, 'cause_changed', `it rests on ${where}, which had another hash then`, of)
  const seq = data.seals?.find(({ partition }) => partition === cause.partition)?.seq ?? 0
  if (found.periodId === data.periodId && found.touched <= seq && seq < cause.seq) return []
  const seals = `${where} seals ${found.periodId} as of ${found.touched}`
  const detail = `${data.periodId} has the figures of ${seq}, and ${seals}`
  return tell(place, 'cause_unfit', detail, of)
}

function tell(place: Position, code: AcrossFault['code'], detail: string, partitions: readonly number[]): Found[] {
  const named = [HOME, ...partitions].map((partition) => ({ partition, seq: 0 }))
  return [{ code, position: formatPosition(place), paymentId: null, detail, named }]
}
