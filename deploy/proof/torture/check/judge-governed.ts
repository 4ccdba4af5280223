import type { Commit } from './commit.ts'
import type { Findings } from './findings.ts'
import type { Asked } from './read-journal.ts'

/** Judges which days may be booked into, and what two persons decide; each commit against those before it. */
export type GovernedJudge = { take(commit: Commit): void }

type Proposal = {
  readonly maker: string
  readonly type: string
  readonly hash: string
  readonly asked: Asked | undefined
  readonly proposedAt: string
  isOpen: boolean
}
type Closed = { readonly periodId: string; readonly through: string; readonly before: string }

const DAY_MS = 86_400_000
/** A proposal waits for so long. */
const LAPSES_MS = 7 * DAY_MS

export function createGovernedJudge(findings: Findings): GovernedJudge {
  const days = createDays(findings)
  const pairs = createPairs(findings)
  return {
    take(commit) {
      if (commit.outcome.kind === 'rejected') {
        days.refused(commit)
        pairs.refused(commit)
        return
      }
      days.accepted(commit)
      pairs.accepted(commit)
    },
  }
}

/** All clients are of one tenant, and its days are those of UTC. */
function createDays(findings: Findings) {
  const closed: Closed[] = []
  const valued: { readonly effectiveAt: string; readonly seq: number }[] = []
  const isOver = ({ through, decidedAt }: { through: string; decidedAt: string }) => through < decidedAt.slice(0, 10)
  return {
    accepted({ seq, decidedAt, effectiveAt, governed }: Commit): void {
      const wrong = (what: string) => findings.add('closed days moved', `seq ${seq}: ${what}`)
      const last = closed.at(-1)
      if (effectiveAt !== undefined) {
        if (last && effectiveAt < last.before) wrong(`counts at ${effectiveAt}, before ${last.before}`)
        if (effectiveAt.slice(0, 10) > decidedAt.slice(0, 10)) wrong(`counts at ${effectiveAt}, which is to come`)
        valued.push({ effectiveAt, seq })
      }
      const { closed: period, reopened } = governed
      if (period) {
        const isWhole = period.before === new Date(Date.parse(period.through) + DAY_MS).toISOString()
        if (!isWhole || !isOver({ ...period, decidedAt })) wrong(`closes ${period.through}`)
        if (last && period.through <= last.through) wrong(`closes ${period.through} again`)
        const unseen = valued.find((each) => each.effectiveAt < period.before && each.seq > period.seq)
        if (unseen) wrong(`closes over seq ${unseen.seq}, as of ${period.seq}`)
        closed.push(period)
      }
      if (reopened && closed.pop()?.periodId !== reopened.periodId) wrong(`${reopened.periodId} was not the last`)
    },
    refused({ seq, decidedAt, outcome, asked, command }: Commit): void {
      const wrong = (why: string) => findings.add('refusals without a reason', `seq ${seq}: ${why}`)
      const { through = '', effectiveAt = decidedAt, periodId, seq: seen = 0 } = asked ?? {}
      const last = closed.at(-1)
      const before = new Date((Date.parse(through) || 0) + DAY_MS).toISOString()
      const isTouched = valued.some((each) => each.effectiveAt < before && each.seq > seen)
      const isDated = command === 'MakePayment'
      if (outcome.code === 'period_closed' && isDated && !(last && effectiveAt < last.before)) wrong('that day is open')
      if (outcome.code === 'period_already_closed' && !(last && through <= last.through)) wrong(`${through} is open`)
      if (outcome.code === 'period_changed' && !isTouched) wrong(`nothing came behind ${seen}`)
      if (outcome.code === 'period_in_future' && isOver({ through, decidedAt })) wrong(`${through} is over`)
      if (outcome.code === 'period_not_closed' && closed.some((each) => each.periodId === periodId))
        wrong('it is closed')
    },
  }
}

function createPairs(findings: Findings) {
  const proposals = new Map<string, Proposal>()
  const people = new Map([['ReopenPeriod', 2]])
  const needsTwo = (command: string) => people.get(command) === 2

  function decide(commit: Commit, proposalId: string, wrong: (what: string) => void): Proposal | undefined {
    const proposal = proposals.get(proposalId)
    if (!proposal?.isOpen) wrong(`${proposalId} does not wait`)
    if (!proposal) return undefined
    if (hasLapsed(proposal, commit)) wrong(`${proposalId} has lapsed`)
    proposal.isOpen = false
    return proposal
  }
  return {
    accepted(commit: Commit): void {
      const { seq, command, subject, decidedAt, governed, asked } = commit
      const { proposed, approved, refused, policy, changed, reopened } = governed
      const wrong = (what: string) => findings.add('decided by one person', `seq ${seq}: ${what}`)
      if (policy) people.set(policy.command, policy.people)
      if (proposed) {
        const { proposalId, type, hash } = proposed
        proposals.set(proposalId, { maker: subject, type, hash, asked, proposedAt: decidedAt, isOpen: true })
        if (governed.events !== 1) wrong(`${proposalId} does more than to wait`)
      } else if (needsTwo(command)) wrong(`${command} by ${subject} alone`)
      if (refused) decide(commit, refused.proposalId, wrong)
      if (!approved) return
      const proposal = decide(commit, approved.proposalId, wrong)
      if (!proposal) return
      if (proposal.maker === subject) wrong(`${subject} gave it, and approves it`)
      if (governed.events !== 2) wrong(`${approved.proposalId} has ${governed.events - 1} effects`)
      const { accountId, overdraftLimit, periodId } = proposal.asked ?? {}
      const isIt =
        proposal.type === 'ChangeAccount'
          ? changed?.accountId === accountId && changed?.overdraftLimit === overdraftLimit
          : proposal.type === 'ReopenPeriod' && reopened?.periodId === periodId
      if (!isIt) wrong(`${approved.proposalId} was for something else`)
    },
    refused(commit: Commit): void {
      const { seq, subject, outcome, asked } = commit
      const wrong = (why: string) => findings.add('refusals without a reason', `seq ${seq}: ${why}`)
      const proposal = proposals.get(asked?.proposalId ?? '')
      const { code } = outcome
      if (code === 'proposal_not_found' && proposal) wrong('the proposal is there')
      if (!proposal) return
      if (code === 'proposal_decided' && proposal.isOpen) wrong('nobody has decided it')
      if (code === 'proposal_lapsed' && !hasLapsed(proposal, commit)) wrong(`it waits since ${proposal.proposedAt}`)
      if (code === 'approval_by_maker' && proposal.maker !== subject) wrong(`${proposal.maker} gave it`)
      if (code === 'proposal_changed' && proposal.hash === asked?.hash) wrong('it is what was asked for')
    },
  }
}

function hasLapsed({ proposedAt }: Proposal, { decidedAt }: Commit): boolean {
  return Date.parse(decidedAt) - Date.parse(proposedAt) > LAPSES_MS
}
