import { type Asked, type Leg, legsOf, type Paid } from './read-journal.ts'

/** A commit that counts. */
export type Commit = {
  readonly offset: bigint
  readonly seq: number
  readonly decidedAt: string
  readonly tenant: string
  /** The person who gave the command. */
  readonly subject: string
  /** Tenant, client, person and the caller's own key; of a step of a payment across partitions its place. */
  readonly scopedKey: string
  readonly key: string
  readonly outcome: { readonly kind: string; readonly code?: string }
  /** What it moved, or would have moved. */
  readonly legs: readonly Leg[]
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

export function commitOf(offset: bigint, data: Data): Commit {
  const dataOf = (type: string) => data.events.find((event: Data) => event.type === type)?.data
  const payment = dataOf('PaymentPosted') ?? dataOf('LegsPosted')
  const [opened, frozen] = [dataOf('AccountOpened'), dataOf('AccountFrozen')]
  const [unfrozen, proposed] = [dataOf('AccountUnfrozen'), dataOf('CommandProposed')]
  const asked = data.command.personal?.data ?? data.command.data ?? proposed?.personal.data
  const key = data.idempotencyKey ?? `step ${data.seq}`
  const stopped = frozen && { accountId: frozen.accountId, stops: frozen.direction ?? 'all' }
  return {
    ...{ offset, seq: data.seq, decidedAt: data.decidedAt, outcome: data.outcome, key },
    ...{ tenant: data.tenant, subject: data.actor.subject },
    scopedKey: [data.tenant, data.actor.client, data.actor.subject, key].join('\n'),
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
