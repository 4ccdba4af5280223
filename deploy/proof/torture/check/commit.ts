import { type Asked, type Leg, legsOf, type Paid } from './read-journal.ts'
import { type Cause, type Step, stepsIn } from './steps.ts'

/** A commit that counts. */
export type Commit = {
  readonly offset: bigint
  readonly partition: number
  readonly seq: number
  /** Behind it, as the partition's chain has it. */
  readonly hash: string
  readonly decidedAt: string
  readonly tenant: string
  /** The person who gave the command. */
  readonly subject: string
  /** Tenant, client, person and the caller's own key; undefined of what a partition does of itself. */
  readonly scopedKey: string | undefined
  readonly key: string | undefined
  readonly outcome: { readonly kind: string; readonly code?: string }
  /** What was asked for: what it moved or begins to move, or would have moved. */
  readonly legs: readonly Leg[]
  /** What it says of payments across partitions, what that rests on, and what its coordinator said is over. */
  readonly steps: readonly Step[]
  readonly causes: readonly Cause[]
  readonly low: number | undefined
  readonly paymentId: string | undefined
  /** Of a payment: when it counts. */
  readonly effectiveAt: string | undefined
  /** Of an account that it opened. */
  readonly opened: string | undefined
  readonly command: string
  /** The payment that it gives back. */
  readonly reverses: { readonly paymentId: string; readonly whole: boolean } | undefined
  /** The account that it froze or unfroze, and what that stops now. */
  readonly frozen: { readonly accountId: string; readonly stops: 'nothing' | 'outgoing' | 'all' } | undefined
  readonly reason: string | undefined
  /** What was asked for, of a command that was refused, or that waits for a second person. */
  readonly asked: Asked | undefined
  readonly governed: Governed
}

/** What it did to limits, policies, periods and proposals. */
export type Governed = {
  readonly changed?: { readonly accountId: string; readonly overdraftLimit?: string }
  readonly policy?: { readonly command: string; readonly people: number }
  readonly closed?: {
    readonly periodId: string
    readonly through: string
    readonly before: string
    readonly seq: number
  }
  readonly reopened?: { readonly periodId: string }
  readonly proposed?: { readonly proposalId: string; readonly type: string; readonly hash: string }
  readonly approved?: { readonly proposalId: string }
  readonly refused?: { readonly proposalId: string }
  /** So many events. */
  readonly events: number
}

// biome-ignore lint/suspicious/noExplicitAny: what stands in the log has no type here, on purpose
type Data = any

export type Place = Pick<Commit, 'offset' | 'partition' | 'hash'>

export function commitOf(place: Place, data: Data): Commit {
  const dataOf = (type: string) => data.events.find((event: Data) => event.type === type)?.data
  const payment = dataOf('PaymentPosted') ?? dataOf('PaymentInitiated')
  const [opened, frozen] = [dataOf('AccountOpened'), dataOf('AccountFrozen')]
  const [unfrozen, proposed] = [dataOf('AccountUnfrozen'), dataOf('CommandProposed')]
  const asked = data.command.personal?.data ?? data.command.data ?? proposed?.personal.data
  const key: string | undefined = data.idempotencyKey
  const stopped = frozen && { accountId: frozen.accountId, stops: frozen.direction ?? 'all' }
  return {
    ...{ ...place, seq: data.seq, decidedAt: data.decidedAt, outcome: data.outcome, key },
    ...{ steps: stepsIn(data.events), causes: data.causes ?? [], low: data.low },
    ...{ tenant: data.tenant, subject: data.actor.subject },
    scopedKey: key && [data.tenant, data.actor.client, data.actor.subject, key].join('\n'),
    legs: legsIn(payment ?? (data.outcome.kind === 'rejected' ? asked : undefined) ?? {}),
    ...{ paymentId: payment?.paymentId, effectiveAt: payment?.effectiveAt },
    opened: opened === undefined ? undefined : `${opened.accountId} ${opened.overdraftLimit}`,
    ...{ command: data.command.type, reverses: payment?.reverses, asked },
    frozen: stopped ?? (unfrozen && { accountId: unfrozen.accountId, stops: 'nothing' }),
    reason: payment?.personal?.data.description ?? asked?.reason,
    governed: {
      ...{ changed: dataOf('AccountChanged'), policy: dataOf('PolicySet')?.rule },
      ...{ closed: dataOf('PeriodClosed'), reopened: dataOf('PeriodReopened') },
      proposed: proposed && { proposalId: proposed.proposalId, ...proposed.command },
      ...{ approved: dataOf('CommandApproved'), refused: dataOf('CommandRefused'), events: data.events.length },
    },
  }
}

/** In every version of a payment, and of a request for one. */
function legsIn(payment: Paid): Leg[] {
  return legsOf(payment).map(({ account, amount, currency, stands }) => ({ account, amount, currency, stands }))
}
