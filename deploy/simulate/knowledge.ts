import { PaymentId, PeriodId, ProposalId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import type { ExpectedLeg } from './expected-payments.ts'

export type KnownPayment = { readonly paymentId: PaymentId; readonly legs: readonly ExpectedLeg[] }

/** What clients were told, the newest last: what they ask for later is about that. */
export type Knowledge = {
  readonly payments: readonly KnownPayment[]
  readonly refused: readonly PaymentId[]
  readonly proposals: readonly { readonly proposalId: ProposalId; readonly hash: string }[]
  readonly periods: readonly { readonly periodId: PeriodId; readonly through: string }[]
  /** The highest position that anybody was told. */
  seq(): number
  learn(request: CommandRequest, result: CommandResult): void
}

/** As far as it says what can be asked for next. */
type Answer = {
  readonly paymentId?: string | null
  readonly legs?: readonly ExpectedLeg[]
  readonly proposalId?: string | null
  readonly hash?: string
  readonly status?: string
  readonly periodId?: string | null
  readonly firstOpenDay?: string | null
  readonly result?: Answer | undefined
  readonly decidedAt?: string
}

export function createKnowledge(): Knowledge {
  const payments: KnownPayment[] = []
  const refused: PaymentId[] = []
  const proposals: { proposalId: ProposalId; hash: string }[] = []
  const periods: { periodId: PeriodId; through: string }[] = []
  let highest = 0
  function learnAnswer(answer: Answer): void {
    const { paymentId, legs, proposalId, hash, status, periodId, firstOpenDay, result } = answer
    if (paymentId && legs) payments.push({ paymentId: PaymentId.parse(paymentId), legs })
    if (proposalId && hash && status === 'open') proposals.push({ proposalId: ProposalId.parse(proposalId), hash })
    if (periodId && firstOpenDay && status === 'closed') {
      const through = new Date(Date.parse(firstOpenDay) - 86_400_000).toISOString().slice(0, 10)
      periods.push({ periodId: PeriodId.parse(periodId), through })
    }
    if (result) learnAnswer(result)
  }
  return {
    ...{ payments, refused, proposals, periods },
    seq: () => highest,
    learn({ command }, result) {
      if (result.kind === 'refused' || !result.position) return
      highest = Math.max(highest, result.position.seq)
      if (result.kind === 'accepted') learnAnswer(result.answer)
      else if (command.type === 'MakePayment') refused.push(paymentIdAt(0, result.position.seq))
    },
  }
}
