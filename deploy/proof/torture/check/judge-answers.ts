import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import { judgeAnswer } from './judge-answer.ts'
import type { Ledger } from './ledger.ts'
import { placeOfAttempt } from './place-of-attempt.ts'
import type { Answer, Attempt } from './read-journal.ts'
import { isSame } from './same-request.ts'
import type { Promised } from './told-codes.ts'

/** Each answer against the log, and each commit against what was asked. */
export function judgeAnswers(
  ledger: Ledger,
  attempts: readonly Attempt[],
  codes: ReadonlyMap<string, Promised>,
  findings: Findings,
): void {
  const commits = ledger.folded.flatMap((folded) => folded.commits)
  // One key is another one at another partition.
  const nameOf = (attempt: Attempt) => `${placeOfAttempt(attempt, ledger.folded.length)} ${attempt.key}`
  const commitsByKey = Map.groupBy(
    commits.filter(({ key }) => key !== undefined),
    ({ partition, key }) => `${partition} ${key}`,
  )
  const attemptsByKey = Map.groupBy(attempts, nameOf)
  judgeKeys(commits, commitsByKey, attemptsByKey, findings)
  judgePositions(attempts, findings)
  for (const { partition, commits: own } of ledger.folded) judgeTimes(partition, own, findings)
  for (const [key, all] of attemptsByKey) {
    const [commit] = commitsByKey.get(key) ?? []
    for (const attempt of all) judgeAnswer(ledger, attempt, commit, codes, findings)
    const isRefused = all.every(({ answer }) => isNothing(answer, codes))
    if (isRefused && commit) {
      const said = [...new Set(all.map(({ answer }) => answer?.code))].join(', ')
      findings.add('refused as not appended, and in the log', `${key}: told ${said}, and is seq ${commit.seq}`)
    }
  }
}

function isNothing(answer: Answer | undefined, codes: ReadonlyMap<string, Promised>): boolean {
  return answer?.code !== undefined && codes.get(answer.code) === 'nothing appended'
}

/** What a partition does of itself has no key, and all else has one. A test holds it to the ledger's own list. */
export const keyless: ReadonlySet<string> = new Set([
  ...['StepPayment', 'ExpirePayment', 'TakeFact', 'StepPeriod', 'AcceptHistory', 'LearnHistory'],
])

function judgeKeys(
  commits: readonly Commit[],
  commitsByKey: ReadonlyMap<string, readonly Commit[]>,
  attemptsByKey: ReadonlyMap<string, readonly Attempt[]>,
  findings: Findings,
): void {
  for (const { partition, seq, key, command } of commits) {
    const isWrong = keyless.has(command) !== (key === undefined)
    if (isWrong) findings.add('nobody asked for it', `seq ${partition}:${seq}: ${command} with the key ${key}`)
  }
  const keyed = commits.filter(({ scopedKey }) => scopedKey !== undefined)
  for (const same of Map.groupBy(keyed, ({ partition, scopedKey }) => `${partition} ${scopedKey}`).values()) {
    if (same.length > 1) findings.add('doubled', `${same[0]?.key}: seqs ${same.map(({ seq }) => seq).join(', ')}`)
  }
  for (const [key, [commit]] of commitsByKey) {
    const asked = attemptsByKey.get(key) ?? []
    const isAsked = asked.some((attempt) => commit !== undefined && isSame(commit, attempt))
    if (!isAsked) findings.add('nobody asked for it', `${key}, seq ${commit?.seq}`)
  }
}

function judgePositions(attempts: readonly Attempt[], findings: Findings): void {
  const given = new Map<string, string>()
  for (const { key, path, answer } of attempts) {
    // What lets a payment be decides it: the payment stands there, too.
    if (path.endsWith('/cancel')) continue
    for (const position of answer?.position?.split(',') ?? []) {
      const first = given.get(position)
      if (first !== undefined && first !== key) {
        findings.add('positions given twice', `${position} to ${first} and to ${key}`)
      }
      given.set(position, key)
    }
  }
}

function judgeTimes(partition: number, commits: readonly Commit[], findings: Findings): void {
  let last = ''
  for (const { seq, decidedAt } of commits) {
    if (decidedAt < last) findings.add('times that are wrong', `seq ${partition}:${seq}: ${decidedAt} after ${last}`)
    last = decidedAt
  }
}
