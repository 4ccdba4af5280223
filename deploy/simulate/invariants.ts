import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, EventType } from '@micropay/schemas/log/event'
import type { Violation } from './violation.ts'

/** What must hold behind every commit, whatever was asked for: from the events of the log alone. */
export type Invariants = {
  /** The first rule that the next commit breaks. */
  take(commit: Commit): Violation | undefined
}

type Moved = Map<string, bigint>
type Posted = EventOf<'PaymentPosted'>['data']

export function createInvariants(): Invariants {
  const rules = [balances(), refunds(), proposals(), closedDays()]
  return {
    take(commit) {
      let broken: Violation | undefined
      for (const { rule, take } of rules) {
        const detail = take(commit)
        if (detail !== undefined) broken ??= { rule, detail: `${commit.seq}: ${detail}` }
      }
      return broken
    },
  }
}

/** `accepted`, `proposed`, or the code of the refusal. */
export function outcomeIn(commit: Commit): string {
  if (commit.outcome.kind === 'rejected') return commit.outcome.code
  return eventOf(commit, 'CommandProposed') ? 'proposed' : 'accepted'
}

export function eventOf<Type extends EventType>({ events }: Commit, type: Type): EventOf<Type> | undefined {
  return events.find((event): event is EventOf<Type> => event.type === type)
}

type Rule = { readonly rule: string; take(commit: Commit): string | undefined }

function balances(): Rule {
  const all: Moved = new Map()
  return {
    rule: 'all balances sum to zero',
    take(commit) {
      for (const { account, amount } of eventOf(commit, 'PaymentPosted')?.data.legs ?? []) add(all, account, amount)
      const sum = all.values().reduce((one, other) => one + other, 0n)
      return sum === 0n ? undefined : `they sum to ${sum}`
    },
  }
}

function refunds(): Rule {
  const left = new Map<string, Moved>()
  return {
    rule: 'never more given back than is left',
    take(commit) {
      const posted = eventOf(commit, 'PaymentPosted')?.data
      if (!posted) return undefined
      if (!posted.reverses) return void left.set(posted.paymentId, movedIn(posted))
      const { paymentId, whole } = posted.reverses
      const of = left.get(paymentId)
      if (!of) return `${paymentId} is given back, which is no payment`
      for (const [account, minor] of movedIn(posted)) {
        const beforeMinor = of.get(account) ?? 0n
        const afterMinor = beforeMinor + minor
        of.set(account, afterMinor)
        const isWithin = beforeMinor < 0n ? beforeMinor <= afterMinor && afterMinor <= 0n : afterMinor >= 0n
        if (!isWithin || (beforeMinor >= 0n && afterMinor > beforeMinor)) {
          return `${account} had ${beforeMinor} left of ${paymentId}, and has ${afterMinor}`
        }
      }
      const isAll = of.values().every((minor) => minor === 0n)
      return whole === isAll ? undefined : `${paymentId} is ${whole ? '' : 'not '}said to be given back as a whole`
    },
  }
}

/** The maker is never the checker, and one proposal has one effect. */
function proposals(): Rule {
  const makers = new Map<string, string>()
  const decided = new Set<string>()
  const hashes = new Map<string, string>()
  return {
    rule: 'a second person decides a proposal once',
    take(commit) {
      const { subject } = commit.actor
      const proposed = eventOf(commit, 'CommandProposed')?.data
      if (proposed) {
        makers.set(proposed.proposalId, subject)
        if (commit.events.length > 1) return `${proposed.proposalId} does more than to wait`
        const [{ type, hash }, data] = [proposed.command, JSON.stringify(proposed.personal.data)]
        if ((hashes.get(hash) ?? `${type} ${data}`) !== `${type} ${data}`) return `${hash} is of two commands`
        hashes.set(hash, `${type} ${data}`)
      }
      const [approved, refused] = [eventOf(commit, 'CommandApproved')?.data, eventOf(commit, 'CommandRefused')?.data]
      const id = approved?.proposalId ?? refused?.proposalId
      if (id === undefined) return undefined
      if (!makers.has(id)) return `${id} was never proposed`
      if (decided.has(id)) return `${id} was decided before`
      decided.add(id)
      if (approved && makers.get(id) === subject) return `${subject} made ${id}, and approves it`
      return approved && commit.events.length !== 2 ? `${id} has ${commit.events.length - 1} effects` : undefined
    },
  }
}

/** Nothing counts in a closed day once its closing counts. */
function closedDays(): Rule {
  const closed = new Map<string, string[]>()
  return {
    rule: 'closed days stay as they are',
    take(commit) {
      const of = closed.get(commit.tenant) ?? []
      closed.set(commit.tenant, of)
      const open = of.at(-1) ?? ''
      const [posted, period] = [eventOf(commit, 'PaymentPosted')?.data, eventOf(commit, 'PeriodClosed')?.data]
      if (period) of.push(period.before)
      if (eventOf(commit, 'PeriodReopened') && of.pop() === undefined) return 'there was nothing to reopen'
      if (period && (period.before <= open || period.before > commit.decidedAt)) return `it closes ${period.through}`
      if (posted && posted.effectiveAt < open)
        return `it counts at ${posted.effectiveAt}, and days to ${open} are closed`
      const isRefused = commit.outcome.kind === 'rejected' && commit.outcome.code === 'period_closed'
      return isRefused && open === '' ? 'it is refused for a closed day, and none is closed' : undefined
    },
  }
}

function movedIn({ legs }: Posted): Moved {
  const moved: Moved = new Map()
  for (const { account, amount } of legs) add(moved, account, amount)
  return moved
}

function add(moved: Moved, account: string, amount: string): void {
  moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
}
