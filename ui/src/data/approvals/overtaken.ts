import type { ListedProposal } from '@micropay/schemas/api/approval'
import type { PeriodList } from '@micropay/schemas/api/period'
import type { ReconciliationSummary } from '@micropay/schemas/api/reconciliation'

type Asked = Pick<ListedProposal, 'status' | 'command' | 'data'>

/** Whether how periods stand has a say in what waits. */
export function isOfPeriods({ status, command }: Asked): boolean {
  return status === 'open' && (command === 'ReopenPeriod' || command === 'ClosePeriod')
}

/**
 * What has happened already that a proposal still waits for, another one having been approved: it would be refused. A
 * period is reopened once; days that are closed are closed again only after somebody has reopened them.
 */
export function overtakenBy(
  asked: Asked,
  { items, firstOpenDay }: Pick<PeriodList, 'items' | 'firstOpenDay'>,
): 'reopened' | 'closed' | undefined {
  const { command, data } = asked
  if (!isOfPeriods(asked) || data === null) return undefined
  if (command === 'ReopenPeriod') {
    return items.find(({ periodId }) => periodId === data.periodId)?.status === 'reopened' ? 'reopened' : undefined
  }
  return firstOpenDay !== null && String(data.through) < firstOpenDay ? 'closed' : undefined
}

/** Whether it waits to withdraw a statement; one is withdrawn once. */
export function isWithdrawal({ status, command }: Asked): boolean {
  return status === 'open' && command === 'WithdrawStatement'
}

/** Whether the statement that a proposal waits to withdraw is among those that are withdrawn. */
export function wouldWithdrawAgain(
  asked: Asked,
  withdrawn: readonly Pick<ReconciliationSummary, 'accountId' | 'position'>[],
): boolean {
  const { data } = asked
  if (!isWithdrawal(asked) || data === null) return false
  return withdrawn.some(({ accountId, position }) => accountId === data.accountId && position === data.position)
}
