import type { ListedProposal, Policy, Proposal } from '@micropay/schemas/api/approval'
import { z } from 'zod'
import { formatMoney } from '../../money/format-money.ts'

type Command = Proposal['command'] | Policy['command']

/** What each command is called by those who give it. */
export const commandNames: Readonly<Record<Command, string>> = {
  OpenAccount: 'Open an account',
  FreezeAccount: 'Freeze an account',
  UnfreezeAccount: 'Unfreeze an account',
  CloseAccount: 'Close an account',
  ChangeAccount: 'Change an account',
  SetAccountFlag: 'Let customers pay an account of the house, or not',
  MakePayment: 'Make a payment',
  RefundPayment: 'Refund a payment',
  CancelPayment: 'Cancel a payment that is under way',
  ExpirePayment: 'End a payment that took too long',
  TakeFact: 'Take over what holds for the whole ledger',
  AcceptHistory: 'Make good what another partition lost',
  LearnHistory: 'Take over what another partition knows of what was lost',
  StepPayment: 'Go on with a payment across partitions',
  ImportStatement: 'Import a bank statement',
  KeepStatementPart: 'Keep a part of a bank statement',
  WithdrawStatement: 'Withdraw a bank statement',
  SavePayee: 'Save a payee',
  RemovePayee: 'Remove a payee',
  CheckPayee: 'Check a name',
  SetZone: 'Set the time zone of periods',
  ClosePeriod: 'Close a period',
  ReopenPeriod: 'Reopen a period',
  CallOffPeriod: 'Call off the closing of a period',
  StepPeriod: 'Go on with the closing of a period',
  SetPolicy: 'Change what needs two persons',
  ConfirmPayment: 'Pay from one’s own account',
  ApproveCommand: 'Approve a proposal',
  RefuseCommand: 'Refuse a proposal',
}

const text = z.string().optional().catch(undefined)
const minor = z.string().regex(/^-?[0-9]+$/)
const money = z.object({ amount: minor, currency: z.string() })
/** What proposals say that is worth telling; requests have no versions, so what does not fit is left out. */
const Said = z.object({
  ...{ accountId: text, name: text, owner: text, type: text, currency: text, path: text, alias: text },
  ...{ reason: text, reference: text, description: text, effectiveAt: text, ownerReference: text },
  overdraftLimit: text,
  ...{
    paymentId: text,
    amount: text,
    periodId: text,
    from: text,
    through: text,
    zone: text,
    statementId: text,
    to: text,
  },
  postings: z.array(money.extend({ from: z.string(), to: z.string() })).catch([]),
  legs: z.array(money.extend({ account: z.string(), stands: minor.optional() })).catch([]),
  metadata: z.record(z.string(), z.string()).catch({}),
  openedOn: text,
  command: text,
  direction: text,
  value: z.boolean().optional().catch(undefined),
  people: z.number().optional().catch(undefined),
  above: money.optional().catch(undefined),
})
type Said = z.infer<typeof Said>

/**
 * What a proposal would do, in a sentence; by its name alone where a list left out what it asks for. A limit that is
 * asked for is told where the currency of the account is known.
 */
export function sentenceOf({ command, data }: Pick<ListedProposal, 'command' | 'data'>, currency?: string): string {
  if (data === null) return commandNames[command]
  const said = Said.parse(data)
  const words = sentences[command]?.(said, currency)
  return words ?? commandNames[command]
}

type Sentence = (said: Said, currency: string | undefined) => string | undefined

const sentences: { readonly [Each in Command]?: Sentence } = {
  OpenAccount: ({ accountId, owner, currency }) => `Open ${accountId ?? 'an account'} in ${currency} for ${owner}`,
  FreezeAccount: ({ accountId, direction }) =>
    direction === 'outgoing' ? `Freeze what leaves ${accountId}` : `Freeze ${accountId}`,
  UnfreezeAccount: ({ accountId }) => `Unfreeze ${accountId}`,
  CloseAccount: ({ accountId }) => `Close ${accountId}`,
  ChangeAccount: changeSentence,
  SetAccountFlag: ({ accountId, value }) =>
    `${value ? 'Let' : 'Stop'} customers ${value ? 'pay' : 'paying'} ${accountId}`,
  MakePayment: paymentSentence,
  RefundPayment: ({ paymentId, amount, legs }) =>
    `Refund ${amount === undefined && legs.length === 0 ? 'all' : 'a part'} of payment ${paymentId}`,
  ImportStatement: ({ accountId, statementId }) => `Import statement ${statementId} of ${accountId}`,
  WithdrawStatement: ({ accountId, statementId }) => `Withdraw statement ${statementId} of ${accountId}`,
  SavePayee: ({ alias, accountId }) => `Save ${accountId} as payee ${alias}`,
  RemovePayee: ({ alias }) => `Remove payee ${alias}`,
  SetZone: ({ zone }) => `Close periods in days of ${zone}`,
  ClosePeriod: ({ from, through }) => (from ? `Close ${from} to ${through}` : `Close all days up to ${through}`),
  ReopenPeriod: ({ periodId }) => `Reopen period ${periodId}`,
  SetPolicy: ({ command, people, above }) => {
    const named = commandNames[command as Command] ?? command
    const rule = { command, people: people ?? 1, above: above ?? null }
    return `From now on: ${named.toLowerCase()} needs ${peopleWords(rule)}`
  },
}

function changeSentence({ accountId, overdraftLimit, name, ownerReference, path }: Said, currency?: string): string {
  const limit = overdraftLimit !== undefined && currency !== undefined ? limitWords(overdraftLimit, currency) : ''
  const changes = [
    overdraftLimit === undefined ? '' : `overdraft limit ${limit}`.trim(),
    name === undefined ? '' : `name ${name}`,
    ownerReference === undefined ? '' : `owner's reference ${ownerReference}`,
    path === undefined ? '' : `place ${path}`,
  ].filter(Boolean)
  return changes.length === 0 ? `Change ${accountId}` : `Change ${accountId} (${changes.join(', ')})`
}

/** `750.00 EUR`, or `unlimited` as it is. */
export function limitWords(limit: string, currency: string): string {
  return /^[0-9]+$/.test(limit) ? formatMoney(BigInt(limit), currency) : limit
}

function paymentSentence({ postings, legs }: Said): string {
  const [first, ...others] = postings
  if (first && others.length === 0) {
    return `Pay ${formatMoney(BigInt(first.amount), first.currency)} from ${first.from} to ${first.to}`
  }
  const moved = new Map<string, bigint>()
  const sides = [...postings, ...legs.filter(({ amount }) => !amount.startsWith('-'))]
  for (const { amount, currency } of sides) moved.set(currency, (moved.get(currency) ?? 0n) + BigInt(amount))
  const sums = [...moved].map(([currency, sum]) => formatMoney(sum, currency))
  return `Pay ${sums.join(' and ')} among ${postings.length || legs.length} parts`
}

/** `two persons above 1,000.00 EUR or in another currency`: what a command needs, or a payment of who pays it. */
export function peopleWords({ command, people, above }: RuleInWords): string {
  const past = above ? ` above ${formatMoney(BigInt(above.amount), above.currency)} or in another currency` : ''
  if (command === 'ConfirmPayment') return above ? `to be confirmed by who pays${past}` : 'nothing more'
  return people < 2 ? 'one person' : `two persons${past}`
}

type RuleInWords = Pick<Policy, 'people' | 'above'> & { readonly command?: string | undefined }

/** One more thing that was asked for, by its name. */
export type Detail = readonly [name: string, value: string]

/** All that a proposal says, beyond its sentence. */
export function detailsOf({ command, data }: Pick<Proposal, 'command' | 'data'>): readonly Detail[] {
  const said = Said.parse(data)
  const parts: readonly Detail[] = [
    ...said.postings.map(({ from, to, amount, currency }): Detail => {
      return [`${from} → ${to}`, formatMoney(BigInt(amount), currency)]
    }),
    ...said.legs.map((leg): Detail => [leg.account, legWords(leg)]),
  ]
  const named: Readonly<Record<string, string | undefined>> = {
    Account: said.accountId,
    Name: said.name,
    Owner: said.owner,
    "Owner's reference": said.ownerReference,
    Type: said.type,
    'Opened on': said.openedOn,
    'Place in the chart': said.path,
    Payment: said.paymentId,
    Reference: said.reference,
    Description: said.description,
    'Value date': said.effectiveAt,
    Reason: said.reason,
    Days: command === 'ImportStatement' ? `${said.from} to ${said.to}` : undefined,
  }
  const told = Object.entries(named).flatMap(([name, value]): Detail[] => (value === undefined ? [] : [[name, value]]))
  return [...parts, ...told, ...Object.entries(said.metadata)]
}

/** `−3.00 EUR`, and where the account has to stand behind it. */
function legWords({ amount, currency, stands }: Said['legs'][number]): string {
  const moved = formatMoney(BigInt(amount), currency)
  return stands === undefined ? moved : `${moved}, stands at ${formatMoney(BigInt(stands), currency)} then`
}
