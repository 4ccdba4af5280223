import assert from 'node:assert/strict'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, EventType } from '@micropay/schemas/log/event'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerView } from '../decide/ledger.ts'

/** What holds behind every commit, whatever was asked for, by what the events say. */
export function createModelRules() {
  const left = new Map<string, Map<string, bigint>>()
  const proposals = new Map<string, { readonly maker: string; isOpen: boolean }>()
  const closed = new Map<string, string[]>()

  function takePayment({ paymentId, legs, reverses, effectiveAt }: EventOf<'PaymentPosted'>['data'], commit: Commit) {
    const before = closed.get(commit.tenant)?.at(-1) ?? ''
    assert.ok(effectiveAt >= before, `${commit.seq} counts at ${effectiveAt}, and days to ${before} are closed`)
    assert.ok(effectiveAt.slice(0, 10) <= nextDayOf(commit.decidedAt), `${commit.seq} counts at ${effectiveAt}`)
    const moved = new Map<string, bigint>()
    for (const { account, amount } of legs) moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
    if (!reverses) return void left.set(paymentId, moved)
    const of = left.get(reverses.paymentId)
    assert.ok(of, `${commit.seq} gives ${reverses.paymentId} back, which is no payment`)
    for (const [account, minor] of moved) {
      const [was, is] = [of.get(account) ?? 0n, (of.get(account) ?? 0n) + minor]
      assert.ok(was < 0n ? was <= is && is <= 0n : 0n <= is && is <= was, `${commit.seq} leaves ${is} of ${was}`)
      of.set(account, is)
    }
    assert.equal(reverses.whole, ![...of.values()].some(Boolean))
  }

  /** The maker is never the checker, and a proposal has one effect. */
  function takeProposals(commit: Commit): void {
    const proposed = eventIn(commit, 'CommandProposed')?.data
    if (proposed) {
      proposals.set(proposed.proposalId, { maker: commit.actor.subject, isOpen: true })
      assert.equal(commit.events.length, 1)
    }
    const approved = eventIn(commit, 'CommandApproved')?.data
    const id = approved?.proposalId ?? eventIn(commit, 'CommandRefused')?.data.proposalId
    if (id === undefined) return
    const proposal = proposals.get(id)
    assert.ok(proposal?.isOpen, `${commit.seq} decides ${id}, which does not wait`)
    proposal.isOpen = false
    if (!approved) return
    assert.notEqual(proposal.maker, commit.actor.subject)
    assert.equal(commit.events.length, 2)
  }

  return {
    take(commit: Commit): void {
      const period = eventIn(commit, 'PeriodClosed')?.data
      const of = closed.get(commit.tenant) ?? []
      closed.set(commit.tenant, of)
      if (period) {
        assert.ok(period.before > (of.at(-1) ?? '') && period.before <= commit.decidedAt, period.before)
        of.push(period.before)
      }
      if (eventIn(commit, 'PeriodReopened')) assert.ok(of.pop())
      const posted = eventIn(commit, 'PaymentPosted')?.data
      if (posted) takePayment(posted, commit)
      takeProposals(commit)
    },
  }
}

/** Nothing leaves an account that stands below its limit then. */
export function checkLimits({ tenant, events }: Commit, before: LedgerView, after: LedgerView): void {
  for (const event of events) {
    for (const { account } of event.type === 'PaymentPosted' ? event.data.legs : []) {
      const key = accountKey(tenant, account)
      const [was, is] = [before.read(accounts, key), after.read(accounts, key)]
      assert.ok(was && is)
      if (is.overdraftLimit === 'unlimited' || is.balanceMinor >= was.balanceMinor) continue
      assert.ok(is.balanceMinor >= -BigInt(is.overdraftLimit), `${account} stands at ${is.balanceMinor}`)
    }
  }
}

/** In UTC: east of it a day may have begun already. */
function nextDayOf(instant: string): string {
  return new Date(Date.parse(instant) + 86_400_000).toISOString().slice(0, 10)
}

function eventIn<Type extends EventType>({ events }: Commit, type: Type): EventOf<Type> | undefined {
  return events.find((event): event is EventOf<Type> => event.type === type)
}
