import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import type { Ledger } from './ledger.ts'
import { positionsIn } from './placement.ts'
import type { Answer, Attempt } from './read-journal.ts'
import { isSame } from './same-request.ts'
import type { Promised } from './told-codes.ts'

/** How far a time that the ledger stamps may lie from the true one, for all that clocks were moved. */
const nearMs = 10 * 60_000

/** What one attempt was told against the commit that its key led to; what leaves it open says nothing. */
export function judgeAnswer(
  ledger: Ledger,
  attempt: Attempt,
  commit: Commit | undefined,
  codes: ReadonlyMap<string, Promised>,
  findings: Findings,
): void {
  const { key, at, answer } = attempt
  if (answer === undefined || answer.status === 0) return
  const { status, code, position } = answer
  if (code !== undefined && !codes.has(code)) {
    findings.add('answers that differ from the log', `${key}: the code ${code} is not documented`)
  }
  const isDone = status === 201 || status === 202
  const isFact = isDone || (code !== undefined && codes.get(code) === 'refused by the ledger')
  if (!isFact) return
  if (commit === undefined) {
    findings.add('lost', `${key}: told ${status} at ${position}`)
    return
  }
  const wrong = (what: string) => findings.add('answers that differ from the log', `${key} at ${position}: ${what}`)
  if (commit.steps[0]?.kind === 'begun') judgeAcross(ledger, answer, commit, wrong)
  else judgeInside(answer, commit, wrong)
  if (!isSame(commit, attempt)) wrong('the log has another request under this key')
  if (answer.decidedAt !== undefined && answer.decidedAt !== commit.decidedAt) wrong(`decided at ${commit.decidedAt}`)
  const isNear = Math.abs(Date.parse(commit.decidedAt) - at) <= nearMs || answer.replayed === true
  if (!isNear)
    findings.add('times that are wrong', `${key}: asked at ${new Date(at).toISOString()}, ${commit.decidedAt}`)
}

function judgeInside(answer: Answer, commit: Commit, wrong: (what: string) => void): void {
  const { status, code, position } = answer
  const isDone = status < 300
  if (position !== `${commit.partition}:${commit.seq}`) wrong(`the log has it at seq ${commit.seq}`)
  if (isDone !== (commit.outcome.kind === 'accepted')) wrong(`told ${status}, ${commit.outcome.kind}`)
  if (!isDone && code !== commit.outcome.code) wrong(`told ${code}, and the log says ${commit.outcome.code}`)
  if (answer.isPending) wrong('nothing of it is under way')
  const paymentId = commit.command === 'CancelPayment' ? answer.paymentId : commit.paymentId
  if (answer.paymentId !== undefined && answer.paymentId !== paymentId) wrong(`the payment is ${paymentId}`)
  const { proposed, closed } = commit.governed
  if ((status === 202) !== (proposed !== undefined)) wrong(`told ${status}, and a proposal is ${proposed?.proposalId}`)
  if (status === 202 && (answer.proposalId !== proposed?.proposalId || answer.hash !== proposed?.hash))
    wrong(`the proposal is ${proposed?.proposalId}`)
  if (closed && answer.periodId !== closed.periodId) wrong(`the period is ${closed.periodId}`)
}

/** Of a payment across partitions: that it is under way, or what became of it, and where that is to be seen. */
function judgeAcross({ payments }: Ledger, answer: Answer, commit: Commit, wrong: (what: string) => void): void {
  const { status, code, position, isPending = false } = answer
  const { paymentId = '' } = commit
  const decided = payments
    .stepsOf(paymentId, commit.partition)
    .flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'completed' || kind === 'failed'))[0]
  if (status < 300 && answer.paymentId !== paymentId) wrong(`the payment is ${paymentId}`)
  if ((status === 202) !== isPending) wrong(`told ${status}, and it is a payment across partitions`)
  if (status === 201 && decided?.kind !== 'completed') wrong(`told that it came about, and it is ${decided?.kind}`)
  if (status >= 300 && (decided?.kind !== 'failed' || decided.code !== code))
    wrong(`told ${code}, and it is ${decided?.kind} ${decided?.kind === 'failed' ? decided.code : ''}`)
  const told = positionsIn(position)
  if (!told.some(({ partition }) => partition === commit.partition)) wrong('it is not said where it was decided')
  for (const { partition, seq } of told) {
    const isSeen = payments.stepsOf(paymentId, partition).some((each) => each.seq === seq)
    if (!isSeen) wrong(`nothing of it stands at ${partition}:${seq}`)
  }
}
