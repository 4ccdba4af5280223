import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import type { Ledger } from './fold-log.ts'
import type { Answer, Attempt } from './read-journal.ts'
import { isSame } from './same-request.ts'
import type { Promised } from './told-codes.ts'

/** How far a time that the ledger stamps may lie from the true one, for all that clocks were moved. */
const nearMs = 10 * 60_000

/** Each answer against the log, and each commit against what was asked. */
export function judgeAnswers(
  ledger: Ledger,
  attempts: readonly Attempt[],
  codes: ReadonlyMap<string, Promised>,
  findings: Findings,
): void {
  const commitsByKey = Map.groupBy(ledger.commits, ({ key }) => key)
  const attemptsByKey = Map.groupBy(attempts, ({ key }) => key)
  judgeKeys(ledger, commitsByKey, attemptsByKey, findings)
  judgePositions(attempts, findings)
  judgeTimes(ledger, findings)
  for (const attempt of attempts) judgeAnswer(ledger, attempt, commitsByKey, codes, findings)
  for (const [key, all] of attemptsByKey) {
    const commits = commitsByKey.get(key) ?? []
    const isRefused = all.every(({ answer }) => isNothing(answer, codes))
    if (isRefused && commits.length > 0) {
      const said = [...new Set(all.map(({ answer }) => answer?.code))].join(', ')
      findings.add('refused as not appended, and in the log', `${key}: told ${said}, and is seq ${commits[0]?.seq}`)
    }
  }
}

function isNothing(answer: Answer | undefined, codes: ReadonlyMap<string, Promised>): boolean {
  return answer?.code !== undefined && codes.get(answer.code) === 'nothing appended'
}

function judgeKeys(
  ledger: Ledger,
  commitsByKey: ReadonlyMap<string, readonly Commit[]>,
  attemptsByKey: ReadonlyMap<string, readonly Attempt[]>,
  findings: Findings,
): void {
  for (const commits of Map.groupBy(ledger.commits, ({ scopedKey }) => scopedKey).values()) {
    if (commits.length > 1)
      findings.add('doubled', `${commits[0]?.key}: seqs ${commits.map(({ seq }) => seq).join(', ')}`)
  }
  for (const [key, commits] of commitsByKey) {
    const asked = attemptsByKey.get(key) ?? []
    const [commit] = commits
    const isAsked = asked.some((attempt) => commit !== undefined && isSame(commit, attempt))
    if (!isAsked) findings.add('nobody asked for it', `${key}, seq ${commit?.seq}`)
  }
}

function judgePositions(attempts: readonly Attempt[], findings: Findings): void {
  const given = new Map<string, string>()
  for (const { key, answer } of attempts) {
    if (answer?.position === undefined) continue
    const first = given.get(answer.position)
    if (first !== undefined && first !== key) {
      findings.add('positions given twice', `${answer.position} to ${first} and to ${key}`)
    }
    given.set(answer.position, key)
  }
}

function judgeTimes({ commits }: Ledger, findings: Findings): void {
  let last = ''
  for (const { seq, decidedAt } of commits) {
    if (decidedAt < last) findings.add('times that are wrong', `seq ${seq}: ${decidedAt} after ${last}`)
    last = decidedAt
  }
}

function judgeAnswer(
  ledger: Ledger,
  attempt: Attempt,
  commitsByKey: ReadonlyMap<string, readonly Commit[]>,
  codes: ReadonlyMap<string, Promised>,
  findings: Findings,
): void {
  const { key, at, answer } = attempt
  if (answer === undefined || answer.status === 0) return
  const { status, code, position, decidedAt } = answer
  if (code !== undefined && !codes.has(code)) {
    findings.add('answers that differ from the log', `${key}: the code ${code} is not documented`)
  }
  const isDone = status === 201 || status === 202
  const isFact = isDone || (code !== undefined && codes.get(code) === 'refused by the ledger')
  if (!isFact) return
  const commit = commitsByKey.get(key)?.[0]
  if (commit === undefined) {
    findings.add('lost', `${key}: told ${status} at ${position}`)
    return
  }
  const wrong = (what: string) => findings.add('answers that differ from the log', `${key} at ${position}: ${what}`)
  if (position !== `${ledger.partition}:${commit.seq}`) wrong(`the log has it at seq ${commit.seq}`)
  if (isDone !== (commit.outcome.kind === 'accepted')) wrong(`told ${status}, ${commit.outcome.kind}`)
  if (!isDone && code !== commit.outcome.code) wrong(`told ${code}, and the log says ${commit.outcome.code}`)
  if (!isSame(commit, attempt)) wrong('the log has another request under this key')
  if (answer.paymentId !== undefined && answer.paymentId !== commit.paymentId)
    wrong(`the payment is ${commit.paymentId}`)
  if (decidedAt !== undefined && decidedAt !== commit.decidedAt) wrong(`decided at ${commit.decidedAt}`)
  const { proposed, closed } = commit.governed
  if ((status === 202) !== (proposed !== undefined)) wrong(`told ${status}, and a proposal is ${proposed?.proposalId}`)
  if (status === 202 && (answer.proposalId !== proposed?.proposalId || answer.hash !== proposed?.hash))
    wrong(`the proposal is ${proposed?.proposalId}`)
  if (closed && answer.periodId !== closed.periodId) wrong(`the period is ${closed.periodId}`)
  const isNear = Math.abs(Date.parse(commit.decidedAt) - at) <= nearMs || answer.replayed === true
  if (!isNear)
    findings.add('times that are wrong', `${key}: asked at ${new Date(at).toISOString()}, ${commit.decidedAt}`)
}
