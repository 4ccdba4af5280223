import type { Accepted, Resumed, StepTold } from '@micropay/schemas/log/message'
import { acceptanceOf, ownResume, unansweredIn } from './history.ts'
import type { LedgerView } from './ledger.ts'
import { spansOf } from './lost-spans.ts'
import { openIn } from './open-payments.ts'
import { sagas } from './saga.ts'
import type { Speaker } from './saga-messages.ts'
import { steps } from './steps.ts'

/**
 * What a partition that has lost history asks those who have yet to say what they know of it. The open payments that
 * both take part in are few, since their number is bounded.
 */
export function historyAsked(ledger: LedgerView, { partition, partitions, seq }: Speaker): Resumed[] {
  const at = ownResume(ledger)
  const waitedFor = unansweredIn(ledger)
  if (!at || waitedFor.length === 0) return []
  const all = openIn(partition, partitions, ledger)
  return waitedFor.map((to) => {
    const open = all.filter((payment) => ledger.read(sagas, payment)?.participants.includes(to))
    return { kind: 'resumed', from: partition, to, asOf: seq, at, lost: [...spansOf(partition, ledger)], open }
  })
}

/** How far this partition is in the payments that the other one has open; undefined before it accepts what is lost. */
export function historyAnswer(
  { from: to, open, asOf: asked = 0 }: Pick<Resumed, 'from' | 'open' | 'asOf'>,
  ledger: LedgerView,
  { partition, seq }: Speaker,
): Accepted | undefined {
  const at = acceptanceOf(to, ledger)
  if (!at) return undefined
  const told = open.flatMap((payment): StepTold[] => {
    const step = ledger.read(steps, payment)
    return step ? [{ payment, state: step.state, at: step.at, ...(step.sides && { sides: step.sides }) }] : []
  })
  return { kind: 'accepted', from: partition, to, asOf: seq, at, asked, steps: told }
}
