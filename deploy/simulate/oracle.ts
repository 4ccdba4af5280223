import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold-state'
import { outcomeOf } from '@micropay/schemas/api/problem'
import type { Commit } from '@micropay/schemas/log/commit'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { scopedKeyOf } from '@micropay/write-side/state/partition-state'
import type { Attempt } from './attempt.ts'
import { type Books, createBooks } from './books.ts'
import { checkAnswer, checkCommit } from './check-commit.ts'
import { commitKey } from './commit-key.ts'
import { createDeeds, type Deeds } from './deeds.ts'
import { checkRefusal, createBodies, createDrafts } from './drafts.ts'
import type { Violation } from './violation.ts'

/**
 * Sees the log itself and every answer, and says which rule they break: an independent fold and an independent ledger
 * know what each command should have led to.
 */
export type Oracle = {
  /** A caller asks for this under its key. */
  asked(request: CommandRequest): void
  /** A process hands records to the log: they may arrive, once, twice or never. */
  sent(process: string, records: readonly NewRecord[]): void
  /** The log took them. */
  appended(records: readonly LogRecord[]): void
  /** Other records stand in the log now. */
  replaced(records: readonly LogRecord[]): void
  answered(attempt: Attempt, result: CommandResult): void
  readonly fold: FoldState
  readonly books: Books
  readonly deeds: Deeds
  /** Commands that were acknowledged so far, each answer counted. */
  acknowledged(): number
  /** The highest position that anybody was ever given, and the highest epoch that was ever claimed. */
  highestGiven(): number
  highestEpoch(): number
  /** Whether it counts or did: who read it then may write it down when the log is another. */
  everCounted(commit: Commit): boolean
  /** How far the log went when it was last replaced. */
  seqAtReplacement(): number
}

export type OracleOptions = {
  readonly partition: number
  nowMs(): number
  fail(violation: Violation): void
  /** Whether a process could know that a position was given before. */
  knew(process: string, seq: number): boolean
  /** Whether the log is not what it was. */
  isHarmed(): boolean
}

export function createOracle(options: OracleOptions): Oracle {
  const { partition, nowMs } = options
  /** What stands in a log that was put there was judged when it was written. */
  let quiet = false
  const fail = (violation: Violation) => {
    if (!quiet) options.fail(violation)
  }
  const bodies = createBodies()
  const drafts = createDrafts(nowMs)
  const given = createGiven(options)
  const deeds = createDeeds()
  let books = createBooks(partition, fail)
  let [seqAtReplacement, highestEpoch] = [0, 0]

  function count(commit: Commit): void {
    const key = commitKey(commit)
    const earlier = books.commitOf(key)
    if (earlier) fail({ rule: 'one key, one commit', detail: `${key} counts at ${earlier.seq} and at ${commit.seq}` })
    if (drafts.isDenied(commit)) {
      fail({ rule: 'nothing was appended', detail: `${key} counts at ${commit.seq}, and its caller was told so` })
    }
    const command = bodies.of(key).get(commit.requestHash ?? '')
    checkCommit(commit, books, command, drafts.sentMs(commit), fail)
    if (command && !quiet) deeds.counted(commit, command)
    books.enter(commit)
    given.counted(commit, quiet ? undefined : drafts.writerOf(commit))
  }
  const append = (records: readonly LogRecord[]) => {
    for (const record of records) {
      const commit = books.read(record)
      highestEpoch = Math.max(highestEpoch, books.fold.epoch)
      if (commit) count(commit)
    }
  }

  return {
    asked: bodies.ask,
    sent: drafts.sent,
    appended: append,
    replaced(records) {
      quiet = true
      books = createBooks(partition, fail)
      append(records)
      quiet = false
      seqAtReplacement = books.fold.seq
    },
    answered(attempt, result) {
      const key = scopedKeyOf(attempt.request)
      if (result.kind !== 'refused') {
        if (result.replayed) deeds.answeredAgain(attempt.request.command.type)
        return given.answered(attempt, result, books)
      }
      const { code } = result
      checkRefusal(key, code, bodies.of(key).size, fail)
      if (outcomeOf({ code }) === 'none' && drafts.deny(attempt, books.commitOf(key))) {
        fail({ rule: 'nothing was appended', detail: `${key} counts, and its caller was told ${code}` })
      }
    },
    get fold() {
      return books.fold
    },
    get books() {
      return books
    },
    ...{ deeds, acknowledged: given.answers, highestGiven: given.highest, everCounted: given.everCounted },
    highestEpoch: () => highestEpoch,
    seqAtReplacement: () => seqAtReplacement,
  }
}

/** Positions that callers were given. */
function createGiven({ partition, fail, knew, isHarmed }: OracleOptions) {
  /** Whose command each position was, for ever. */
  const owners = new Map<number, string>()
  const everCounted = new Set<string>()
  /** Given while the log was another one, by workers that could not know: when it is back, it has them for others. */
  const blind = new Set<number>()
  /**
   * Written over a position that the log had lost, by a worker that had not read what stood there: it counts for every
   * reader, so a person who accepts what the log holds accepts it, too, and its caller is told so later.
   */
  const overwrites = new Set<string>()
  const nameOf = ({ seq }: { readonly seq: number }, key: string) => `${seq} ${key}`
  let [answers, highest] = [0, 0]
  const give = (seq: number, key: string) => {
    owners.set(seq, key)
    highest = Math.max(highest, seq)
  }
  return {
    answers: () => answers,
    highest: () => highest,
    counted(commit: Commit, writer: string | undefined): void {
      const name = nameOf(commit, commitKey(commit))
      everCounted.add(name)
      if (isHarmed() && writer !== undefined && !knew(writer, commit.seq)) overwrites.add(name)
    },
    everCounted: (commit: Commit) => everCounted.has(nameOf(commit, commitKey(commit))),
    answered({ request, process }: Attempt, result: CommandResult, books: Books): void {
      if (result.kind === 'refused' || result.position === undefined) return
      answers += 1
      const key = scopedKeyOf(request)
      const { seq } = result.position
      const commit = books.commitOf(key)
      const before = owners.get(seq)
      if (commit?.seq !== seq) {
        // Who has read that it counts, and has not noticed yet that the log is another, may still say so.
        if (isHarmed() && everCounted.has(nameOf({ seq }, key))) give(seq, key)
        else fail({ rule: 'acknowledged is in the log', detail: `${key} at ${seq}: the log has it at ${commit?.seq}` })
        return
      }
      if (!knew(process, seq)) blind.add(seq)
      const isExcused = blind.has(seq) || overwrites.has(nameOf({ seq }, key))
      if (before !== undefined && before !== key && !isExcused) {
        fail({ rule: 'a position is given once', detail: `${seq} is given to ${key}, and was to ${before}` })
      }
      give(seq, key)
      checkAnswer(result, commit, partition, request.requestHash, fail)
    },
  }
}
