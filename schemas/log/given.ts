import { z } from 'zod'
import { Actor } from './actor.ts'
import { askedIn, type Commit } from './commit.ts'
import { CommandType } from './event.ts'

/** Who asked for what a commit decided, and through which client, and who approved it. */
export type Given = {
  /** Null of an approval whose commit does not say whose command it approves: in earlier generations none does. */
  readonly actor: string | null
  readonly client: string | null
  /** The second person, where one was needed: they approved it, or meant to. */
  readonly approvedBy: string | null
}

/** An approval is its approver's commit, and does what somebody else has asked for. */
export function givenBy(commit: Pick<Commit, 'actor' | 'command' | 'events'>): Given {
  const { actor, command, events } = commit
  if (command.type !== 'ApproveCommand') return { actor: actor.subject, client: actor.client, approvedBy: null }
  const approved = events.find((event) => event.type === 'CommandApproved')
  const maker = approved?.data.maker ?? inVainOf(commit)?.maker
  return { actor: maker?.subject ?? null, client: maker?.client ?? null, approvedBy: actor.subject }
}

/** What was refused, with what it asked for: of an approval the command behind it, as far as the commit tells it. */
export function refusedIn(commit: Pick<Commit, 'command'>): RefusedCommand {
  return inVainOf(commit)?.command ?? { type: commit.command.type, data: askedIn(commit) }
}

export type RefusedCommand = { readonly type: CommandType; readonly data: Readonly<Record<string, unknown>> }

/**
 * What a commit keeps beside the request of an approval that was refused for what it approves: `command` as its maker
 * gave it.
 */
export type ApprovedInVain = z.infer<typeof ApprovedInVain>
const ApprovedInVain = z.object({
  maker: Actor,
  command: z.object({ type: CommandType, data: z.record(z.string(), z.unknown()) }),
})

function inVainOf(commit: Pick<Commit, 'command'>): ApprovedInVain | undefined {
  if (commit.command.type !== 'ApproveCommand') return undefined
  return ApprovedInVain.safeParse(askedIn(commit)).data
}

/**
 * Whether a commit is listed as a payment: posted, begun between partitions, or refused. What waits for a second person
 * is none yet.
 */
export function isPayment(commit: Pick<Commit, 'command' | 'outcome' | 'events'>): boolean {
  if (commit.outcome.kind === 'accepted') {
    return commit.events.some(({ type }) => type === 'PaymentPosted' || type === 'PaymentInitiated')
  }
  const { type } = refusedIn(commit)
  return type === 'MakePayment' || type === 'RefundPayment'
}
