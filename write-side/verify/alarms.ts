import type { FoldState } from '@micropay/event-log/fold-state'
import type { Accepted, VerifyFault } from '@micropay/schemas/api/audit'
import type { Resume } from '@micropay/schemas/log/commit'
import type { StopReason } from '@micropay/schemas/log/void-reason'
import { formatPosition } from '@micropay/schemas/position'

/**
 * The evidence of a changed history in a log, a line for each cause, whatever the number of records behind it that do
 * not count for it. A resume accepts what stands in front of it.
 */
export type Alarms = {
  /** `state` is the fold behind the record, `named` what the record says of its place. */
  note(reason: StopReason, state: FoldState, offset: bigint, named: Place): void
  /** `before` is the fold in front of the resume. */
  accept(resume: Resume, before: FoldState): void
  faults(): readonly VerifyFault[]
  accepted(): Accepted[]
}

type Place = { readonly epoch: number | null; readonly seq: number | null }
type Cause = Place & {
  readonly reason: StopReason
  readonly partition: number
  readonly lastSeq: number
  readonly offset: bigint
  records: number
}

export function createAlarms(): Alarms {
  const causes = new Map<string, Cause>()
  const accepted: Accepted[] = []
  return {
    note(reason, { partition, seq }, offset, named) {
      // Where the chain breaks, every commit behind it does not follow; where it breaks again, others counted between.
      const cause = reason === 'chain_broken' ? `${reason} ${seq}` : reason
      const known = causes.get(cause)
      if (known) known.records += 1
      else causes.set(cause, { ...named, reason, partition, lastSeq: seq, offset, records: 1 })
    },
    accept({ actor, reason, resumedAt, seq }, { partition, seq: previousSeq }) {
      accepted.push({
        ...{ actor, reason, resumedAt },
        position: formatPosition({ partition, seq }),
        previous: formatPosition({ partition, seq: previousSeq }),
        faults: Array.from(causes.values(), textOf).slice(0, MOST_ACCEPTED),
      })
      causes.clear()
    },
    faults: () =>
      Array.from(causes.values(), (cause) => ({
        code: cause.reason,
        seq: cause.reason === 'chain_broken' ? cause.lastSeq : cause.seq,
        detail: textOf(cause),
      })),
    accepted: () => accepted,
  }
}

const MOST_ACCEPTED = 20

function textOf({ reason, partition, lastSeq, epoch, seq, offset, records }: Cause): string {
  const last = formatPosition({ partition, seq: lastSeq })
  const many = (noun: string) => (records === 1 ? `1 ${noun}` : `${records} ${noun}s`)
  const doNot = records === 1 ? 'does not count' : 'do not count'
  switch (reason) {
    case 'chain_broken':
      return `record ${last} or what follows was changed; ${many('commit')} behind it ${doNot}`
    case 'fork':
      return `epoch ${epoch} wrote over ${partition}:${seq} and what follows, given before: ${many('commit')} ${doNot}`
    case 'epoch_never_claimed':
      return `epoch ${epoch} was never claimed: its claim was cut off or changed; ${many('record')} ${doNot}`
    case 'unreadable_record':
      return `a record behind ${last} (offset ${offset} of the log) was changed and is none: ${many('record')} ${doNot}`
    case 'resume_mismatch':
      return `the resume at ${partition}:${seq} does not go on from ${last}: it, or a record before it, was changed`
    case 'unknown_generation':
      return `the claim of epoch ${epoch} (offset ${offset} of the log) is of newer code, or was changed`
  }
}
