import { isDeepStrictEqual } from 'node:util'
import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import { broughtRule, type Generations } from '@micropay/schemas/log/generations'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import { decide, type LedgerCommand } from '../decide/decide.ts'
import type { LedgerView } from '../decide/ledger.ts'

/**
 * Decides a commit that counts once more, against the ledger as it stood before it, and says what is wrong with it;
 * undefined for nothing. An accepted command is made from its events, which say all of it but who may do what: scopes
 * are not in the log and are not judged. `generation` is the newest that a claim had announced by then: commits before
 * the first claim of a generation were decided without the rules that it brought.
 */
export function judgeCommit(
  commit: Commit,
  ledger: LedgerView,
  { partition, generation }: { readonly partition: number; readonly generation: number },
  table?: Generations,
): string | undefined {
  if (commit.outcome.kind === 'rejected') {
    return commit.events.length === 0 ? undefined : 'the command was refused, and the commit holds events'
  }
  const { tenant, decidedAt } = commit
  const command = commandOf(commit)
  if (!command) {
    const held = commit.events.map(({ type }) => type).join(', ') || 'no event'
    return `an accepted ${commit.command.type} holds ${held}`
  }
  const paymentId = paymentIdAt(partition, commit.seq)
  const facts = { tenant, decidedAt, paymentId, subject: commit.actor.subject, mayBook: true, generation }
  const decision = decide(command, ledger, facts)
  if (decision.kind === 'accepted') {
    if (isDeepStrictEqual(decision.events.map(asWritten), commit.events.map(asWritten))) return undefined
    return `the ${commit.command.type} does not lead to the events that the commit holds`
  }
  const { code, detail } = decision
  if (broughtRule(code, table) > generation) return undefined
  return `the ${commit.command.type} was accepted, and the rules refuse it as ${code}: ${detail}`
}

/**
 * The value date stands in the log as its command had it, and the kind is a name for the types of its accounts. Whom
 * a text is about, earlier versions did not say.
 */
function asWritten(event: LedgerEvent): object {
  if ('personal' in event.data) {
    const { personal, ...data } = event.data
    return { ...event, data: { ...data, texts: personal?.data } }
  }
  if (event.type !== 'PaymentPosted') return event
  return { ...event, data: { ...event.data, effectiveAt: '', kind: 'transfer' } }
}

/** The command that an accepted commit's one event tells; undefined where the two do not belong together. */
function commandOf({ command: { type }, events: [event, ...more] }: Commit): LedgerCommand | undefined {
  if (!event || more.length > 0 || eventTypes[type] !== event.type) return undefined
  switch (event.type) {
    case 'AccountOpened':
      return { type: 'OpenAccount', data: withTexts(event.data) }
    case 'AccountFrozen':
      return { type: 'FreezeAccount', data: withTexts(event.data) }
    case 'AccountUnfrozen':
      return { type: 'UnfreezeAccount', data: withTexts(event.data) }
    case 'AccountClosed':
      return { type: 'CloseAccount', data: withTexts(event.data) }
    case 'AccountChanged':
      return { type: 'ChangeAccount', data: withTexts(event.data) }
    case 'AccountFlagSet':
      return { type: 'SetAccountFlag', data: event.data }
    case 'PaymentPosted':
      return { type: 'MakePayment', data: paymentAskedFor(event.data) }
    case 'StatementImported':
      return { type: 'ImportStatement', data: event.data }
    case 'StatementPart':
      return { type: 'KeepStatementPart', data: event.data }
    case 'PayeeSaved':
      return { type: 'SavePayee', data: event.data }
    case 'PayeeRemoved':
      return { type: 'RemovePayee', data: event.data }
  }
}

/** As a request has it: its texts beside all else. */
function withTexts<Data extends object, Texts extends object>({
  personal,
  ...data
}: Data & { readonly personal?: { readonly data: Texts } | undefined }) {
  return { ...data, ...personal?.data }
}

function paymentAskedFor({ legs, effectiveAt, personal }: EventOf<'PaymentPosted'>['data']) {
  const postings = postingsOf(legs)
  return { ...(postings ? { postings } : { legs }), effectiveAt, ...personal?.data }
}

const eventTypes: Readonly<Record<Commit['command']['type'], LedgerEvent['type']>> = {
  OpenAccount: 'AccountOpened',
  FreezeAccount: 'AccountFrozen',
  UnfreezeAccount: 'AccountUnfrozen',
  CloseAccount: 'AccountClosed',
  ChangeAccount: 'AccountChanged',
  SetAccountFlag: 'AccountFlagSet',
  MakePayment: 'PaymentPosted',
  ImportStatement: 'StatementImported',
  KeepStatementPart: 'StatementPart',
  SavePayee: 'PayeeSaved',
  RemovePayee: 'PayeeRemoved',
}
