import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Asked } from './asked.ts'

/** What needs two persons, and what waits for the second. */
export type ExpectedApprovals = {
  /** Whether a command of that type needs two, of which so much moves in each currency. */
  needsTwo(type: LedgerCommand['type'], tenant: string, moved: ReadonlyMap<string, bigint>): boolean
  setPolicy(rule: Rule, tenant: string): void
  /** The hash is taken from the log, where it must be the same for the same command alone. */
  propose(asked: Asked, hash: string): void
  /** What may be approved by whoever asks, or why not. */
  approvable(proposalId: string, hash: string, by: Asked): Asked | string
  outcomeOfRefusal(proposalId: string, by: Asked): string
  decide(proposalId: string): void
}

type Rule = Extract<LedgerCommand, { type: 'SetPolicy' }>['data']
type Proposal = { readonly asked: Asked; readonly hash: string; isOpen: boolean }

const LAPSES_MS = 7 * 24 * 3_600_000

export function createExpectedApprovals(): ExpectedApprovals {
  const rules = new Map<string, Rule>()
  const proposals = new Map<string, Proposal>()
  const waiting = (proposalId: string, { tenant, decidedAt }: Asked): Proposal | string => {
    const proposal = proposals.get(proposalId)
    if (proposal?.asked.tenant !== tenant) return 'proposal_not_found'
    if (!proposal.isOpen) return 'proposal_decided'
    const waitedMs = Date.parse(decidedAt) - Date.parse(proposal.asked.decidedAt)
    return waitedMs > LAPSES_MS ? 'proposal_lapsed' : proposal
  }
  return {
    needsTwo(type, tenant, moved) {
      const rule = rules.get(`${tenant} ${type}`)
      if (!rule) return type === 'ReopenPeriod'
      const { people, above } = rule
      if (people < 2 || !above) return people === 2
      return [...moved].some(([currency, sum]) => sum > (currency === above.currency ? BigInt(above.amount) : 0n))
    },
    setPolicy: (rule, tenant) => void rules.set(`${tenant} ${rule.command}`, rule),
    propose: (asked, hash) => void proposals.set(`prp-0-${asked.seq}`, { asked, hash, isOpen: true }),
    approvable(proposalId, hash, by) {
      const proposal = waiting(proposalId, by)
      if (typeof proposal === 'string') return proposal
      if (proposal.asked.subject === by.subject) return 'approval_by_maker'
      if (proposal.hash !== hash) return 'proposal_changed'
      // It is decided now, and is its maker's.
      return { ...by, command: proposal.asked.command, subject: proposal.asked.subject }
    },
    outcomeOfRefusal(proposalId, by) {
      const isOwn = proposals.get(proposalId)?.asked.subject === by.subject
      if (!by.mayApprove && !isOwn) return 'proposal_not_found'
      const proposal = waiting(proposalId, by)
      return typeof proposal === 'string' ? proposal : 'accepted'
    },
    decide(proposalId) {
      const proposal = proposals.get(proposalId)
      if (proposal) proposal.isOpen = false
    },
  }
}
