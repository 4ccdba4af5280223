import type { AcrossFault } from '@micropay/schemas/api/across'
import type { Cause, Commit, Resume } from '@micropay/schemas/log/commit'
import { HISTORY_GENERATION } from '@micropay/schemas/log/generations'
import { formatPosition, type Position } from '@micropay/schemas/position'
import type { Found } from './found.ts'

export type ResumeSpan = Pick<Resume, 'previousSeq' | 'eventGeneration'>

/** A resume: what its partition had between `previousSeq` and `seq` is gone. */
type Resumed = Position & ResumeSpan & { readonly hash: string }
/** What a partition has accepted of another one's loss, or was answered of its own. */
type Noted = {
  readonly place: Position & { readonly hash: string }
  readonly event: 'HistoryAccepted' | 'HistoryAnswered'
  readonly about: number
  readonly cause: Cause | undefined
}

/**
 * What people have accepted: which positions of a partition are gone, and whether others say that they know it, and
 * those who lost it that they were answered, where that is so. Both are few: all of them are remembered.
 */
export function createHistoryJudge() {
  const resumes: Resumed[] = []
  const noted: Noted[] = []
  const isGone = ({ partition, seq }: Position) =>
    resumes.some((each) => each.partition === partition && each.previousSeq < seq && seq < each.seq)
  const waits = ({ cause }: Noted, read: readonly number[]) =>
    cause !== undefined && cause.seq > (read[cause.partition] ?? 0)
  return {
    isGone,
    resumed(place: Position & { readonly hash: string }, { previousSeq, eventGeneration }: ResumeSpan): void {
      resumes.push({ ...place, previousSeq, eventGeneration })
    },
    /** The hash behind a resume that stands there. */
    resumeAt: ({ partition, seq }: Position) =>
      resumes.find((each) => each.partition === partition && each.seq === seq)?.hash,
    hasResumed: (partition: number) => resumes.some((each) => each.partition === partition),
    /** What a resume gave up of which nobody was told: it was written before others made good what was lost. */
    isGivenUp: ({ partition, seq }: Position) =>
      resumes.some((each) => {
        return each.partition === partition && seq < each.seq && each.eventGeneration < HISTORY_GENERATION
      }),
    take({ events, causes }: Commit, place: Position & { readonly hash: string }): void {
      for (const { type, data } of events) {
        if (type !== 'HistoryAccepted' && type !== 'HistoryAnswered') continue
        noted.push({ place, event: type, about: data.partition, cause: causes?.[0] })
      }
    },
    /** How far they are to be read on, one by one. */
    wanted: (): readonly Position[] => noted.flatMap(({ cause }) => cause ?? []),
    waiting: (read: readonly number[]) => noted.filter((each) => waits(each, read)).length,
    faults: (read: readonly number[]): Found[] =>
      noted
        .filter((each) => !waits(each, read))
        .flatMap(({ place, event, about, cause }) => {
          const named = [place, ...(cause ? [cause] : [])]
          const tell = (code: AcrossFault['code'], detail: string): Found[] => [
            { code, position: formatPosition(place), paymentId: null, detail, named },
          ]
          const what = event === 'HistoryAccepted' ? 'accepts a loss of' : 'was answered by'
          if (cause?.partition !== about) return tell('cause_missing', `it ${what} ${about}, which it does not name`)
          if (isGone(cause)) return []
          const where = formatPosition(cause)
          const found =
            event === 'HistoryAccepted'
              ? resumes.find(({ partition, seq }) => partition === about && seq === cause.seq)?.hash
              : noted.find((each) => isAnswer(each, cause, place.partition))?.place.hash
          if (found === undefined) return tell('cause_missing', `it ${what} ${about}, and ${where} does not say so`)
          return found === cause.hash ? [] : tell('cause_changed', `it ${what} ${about} at ${where} of another hash`)
        }),
  }
}

function isAnswer({ place, event, about }: Noted, { partition, seq }: Position, to: number): boolean {
  return event === 'HistoryAccepted' && place.partition === partition && place.seq === seq && about === to
}

export type HistoryJudge = ReturnType<typeof createHistoryJudge>
