import { ChangeStatus, FreezeAccount, OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import {
  AccountId,
  OwnerId,
  type PaymentId,
  type PeriodId,
  type ProposalId,
  paymentIdAt,
} from '@micropay/schemas/identifiers'
import { StatementImportedV1, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerCommand } from '../decide/decide.ts'
import type { LedgerView } from '../decide/ledger.ts'
import { dated, details, drawnDay, governed, policy } from './governed-commands.fixture.ts'

/** A command, and who gives it: what it asks of balances is said once the ledger is known that it meets. */
export type Drawn = {
  readonly tenant: Tenant
  readonly subject: string
  readonly mayBook: boolean
  /** So long after the command before it. */
  readonly laterMs: number
  ask(ledger: LedgerView, known: Known): LedgerCommand | undefined
}

/** What whoever gives a command can know: the newest of each is the last. */
export type Known = {
  readonly tenant: Tenant
  readonly nowMs: number
  readonly seq: number
  /** Those that give back others among them. */
  readonly posted: readonly PaymentId[]
  readonly proposals: readonly { readonly proposalId: ProposalId; readonly hash: string }[]
  /** Periods that are closed. */
  readonly closed: readonly { readonly periodId: PeriodId; readonly through: string }[]
}

export const tenants = ['main', 'other'] as const
export type Tenant = (typeof tenants)[number]

/** Few of each, so that commands meet: three people, two currencies, accounts of every type. */
const ofMain = ['ada', 'ada:2', 'ben', 'eve', 'usd', 'usd:2', 'cash', 'fees'].map((name) => AccountId.parse(name))
/** Those that another tenant alone has, beside some of the same ids. */
const ofOtherAlone = ['zoe', 'zoe:2'].map((name) => AccountId.parse(name))
const ofOther = [...['ada', 'ben', 'cash'].map((name) => AccountId.parse(name)), ...ofOtherAlone]
export const names = [...ofMain, ...ofOtherAlone]
const name = fc.constantFrom(...ofMain)
/** Now and then the one of the other tenant. */
const anyName = fc.oneof({ weight: 19, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom(...ofOtherAlone) })
const owner = fc.constantFrom('customer:ada', 'customer:ben', 'house').map((text) => OwnerId.parse(text))
const called = fc.constantFrom('Ada Lovelace', 'Ben Franklin')
const currencyOf = (accountId: string) => (accountId.startsWith('usd') ? 'USD' : 'EUR')
const typeOf = (accountId: string) =>
  accountId === 'cash' ? 'external' : accountId === 'fees' ? 'internal' : 'customer'
const amount = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 300 }) }, fc.constant(10 ** 15))
const texts = fc.record(
  { reference: fc.constantFrom('rent', 'dinner'), metadata: fc.constant({ of: 'a test' }) },
  { requiredKeys: [] },
)

const limit = fc.constantFrom('0', '200', 'unlimited')
const opening = (accountId: AccountId) =>
  fc.record({ owner, name: called, overdraftLimit: limit }).map(({ overdraftLimit, ...more }): LedgerCommand => {
    const type = typeOf(accountId)
    const fields = {
      ...{ type, currency: currencyOf(accountId), ...more },
      overdraftLimit: type === 'customer' ? overdraftLimit : 'unlimited',
    }
    return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId } }
  })

const change = fc
  .record({
    accountId: name,
    type: fc.constantFrom('FreezeAccount', 'UnfreezeAccount', 'UnfreezeAccount', 'CloseAccount'),
  })
  .map(
    ({ accountId, type }): LedgerCommand =>
      type === 'FreezeAccount'
        ? { type, data: { ...FreezeAccount.parse({}), accountId } }
        : { type, data: { ...ChangeStatus.parse({}), accountId } },
  )

const postings = fc
  .array(fc.record({ from: name, to: anyName, amount }), { minLength: 1, maxLength: 4 })
  .map((list) => list.filter(({ from, to }) => from !== to))
  .filter((list) => list.length > 0)
const byPostings = fc.record({ list: postings, more: texts, on: drawnDay }).map(({ list, more, on }) => {
  const asked = list.map(({ from, to, amount: minor }) => ({
    ...{ from, to, amount: String(minor), currency: currencyOf(from) },
  }))
  return (_: LedgerView, known: Known) => paying({ postings: asked, ...dated(on, known), ...more })
})

/** What is said of a balance: nothing, what it will be behind the leg, or something else. */
const said = fc.constantFrom('nothing', 'nothing', 'right', 'wrong')
const drawnLegs = fc.array(fc.record({ account: name, amount: fc.oneof(amount, fc.constant(0)), said }), {
  minLength: 1,
  maxLength: 5,
})
const [eur, usd] = [
  ofMain.filter((each) => currencyOf(each) === 'EUR'),
  ofMain.filter((each) => currencyOf(each) === 'USD'),
]
const byLegs = fc
  .record({
    drawn: drawnLegs,
    from: fc.subarray(ofMain, { minLength: 1 }),
    last: fc.constantFrom(...eur),
    lastUsd: fc.option(fc.constantFrom(...usd)),
    more: texts,
  })
  .map(({ drawn, from, last, lastUsd, more }) => (ledger: LedgerView, { tenant }: Known) => {
    const legs = [last, ...(lastUsd ? [lastUsd] : [])].flatMap((each) => balanced(drawn, new Set(from), each))
    const balanceOf = (each: AccountId) => ledger.read(accounts, accountKey(tenant, each))?.balanceMinor ?? 0n
    const balances = new Map(names.map((each) => [each, balanceOf(each)]))
    const asked = legs.map(({ account, minor, said: says }) => {
      const behind = (balances.get(account) ?? 0n) + minor
      balances.set(account, behind)
      const stands = says === 'nothing' ? {} : { stands: String(says === 'right' ? behind : behind + 1n) }
      return { account, amount: String(minor), currency: currencyOf(account), ...stands }
    })
    return MakePayment.safeParse({ legs: asked, ...more }).success ? paying({ legs: asked, ...more }) : undefined
  })

type DrawnLeg = { readonly account: AccountId; readonly amount: number; readonly said: string }

/** The accounts of `from` pay; what is over then comes to the last one, or from it, in the currency of that account. */
function balanced(legs: readonly DrawnLeg[], from: ReadonlySet<AccountId>, last: AccountId) {
  const signed = legs
    .filter(({ account }) => account !== last && currencyOf(account) === currencyOf(last))
    .map(({ account, amount: minor, said: says }) => {
      return { account, minor: BigInt(from.has(account) ? -minor : minor), said: says }
    })
  const over = signed.reduce((sum, { minor }) => sum + minor, 0n)
  return [...signed, { account: last, minor: -over, said: 'right' }]
}

function paying(payment: object): LedgerCommand {
  return { type: 'MakePayment', data: MakePayment.parse(payment) }
}

/** Of a payment that was posted, perhaps one that was given back before, or gives back itself; now and then of none. */
const refund = fc
  .record({ nth: fc.nat(40), part: fc.option(amount, { nil: undefined }), on: drawnDay })
  .map(({ nth, part, on }) => (_: LedgerView, known: Known): LedgerCommand => {
    const much = part === undefined ? {} : { amount: String(part) }
    const metadata = nth % 3 === 0 ? { metadata: { case: `${nth}` } } : {}
    const asked = RefundPayment.parse({ reason: 'a test', ...much, ...dated(on, known), ...metadata })
    const paymentId = nth < 38 ? known.posted[nth % Math.max(1, known.posted.length)] : undefined
    return { type: 'RefundPayment', data: { paymentId: paymentId ?? paymentIdAt(0, nth), ...asked } }
  })

const payee = fc
  .record({ owner, accountId: name, alias: fc.constantFrom('Ben', 'Eve'), isSaved: fc.boolean() })
  .map(({ isSaved, accountId, ...of }): LedgerCommand => {
    return isSaved ? { type: 'SavePayee', data: { ...of, accountId } } : { type: 'RemovePayee', data: of }
  })

const check = fc
  .record({ owner, accountId: name, name: fc.oneof(called, fc.constantFrom('Ada', 'Ben Frenklin')) })
  .map((data): LedgerCommand => ({ type: 'CheckPayee', data }))

const statement = fc
  .record({ accountId: name, statementId: fc.constantFrom('S1', 'S2', 'S3'), closing: fc.integer({ min: 1, max: 9 }) })
  .map(({ accountId, statementId, closing }): LedgerCommand => {
    const days = { from: '2026-03-01', to: '2026-03-31' }
    const lines = [{ amount: String(closing), bookedOn: '2026-03-02', references: [] }]
    const bank = { iban: 'DE89370400440532013000', currency: currencyOf(accountId) }
    const sums = { opening: '0', closing: String(closing) }
    return {
      type: 'ImportStatement',
      data: statementFromV1(StatementImportedV1.parse({ accountId, statementId, ...bank, ...days, ...sums, lines })),
    }
  })

const HOUR_MS = 3_600_000
const asItIs = (command: LedgerCommand) => () => command

const given = (ask: fc.Arbitrary<Drawn['ask']>, tenant: Tenant = 'main'): fc.Arbitrary<Drawn> =>
  fc.record({
    tenant: fc.constant(tenant),
    laterMs: fc.nat(30).map((draw) => [HOUR_MS, 20 * HOUR_MS, 20 * HOUR_MS, 8 * 24 * HOUR_MS][30 - draw] ?? 1),
    subject: fc.constantFrom('customer:ada', 'customer:ben'),
    mayBook: fc.constantFrom(true, true, true, false),
    ask,
  })

const openings = fc.tuple(...ofMain.map((each) => given(opening(each).map(asItIs))))
const openingsOfOther = fc.tuple(...ofOther.map((each) => given(opening(each).map(asItIs), 'other')))
/** Accounts of its own, some of the first tenant's ids, and of all else what that one has, too. */
const byOther = given(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constant(() => paying({ postings: [{ from: 'zoe', to: 'zoe:2', amount: '9', currency: 'EUR' }] })),
    },
    { weight: 2, arbitrary: byPostings },
    { weight: 1, arbitrary: byLegs },
    { weight: 1, arbitrary: refund },
    { weight: 2, arbitrary: governed },
  ),
  'other',
)
const byMain = given(
  fc.oneof(
    { weight: 1, arbitrary: name.chain(opening).map(asItIs) },
    { weight: 1, arbitrary: change.map(asItIs) },
    { weight: 9, arbitrary: byPostings },
    { weight: 8, arbitrary: byLegs },
    { weight: 6, arbitrary: refund },
    { weight: 1, arbitrary: payee.map(asItIs) },
    { weight: 1, arbitrary: check.map(asItIs) },
    { weight: 1, arbitrary: statement.map(asItIs) },
    { weight: 3, arbitrary: details(name) },
    { weight: 14, arbitrary: governed },
  ),
)
const others = fc.array(fc.oneof({ weight: 7, arbitrary: byMain }, { weight: 1, arbitrary: byOther }), {
  ...{ minLength: 20, maxLength: 60, size: 'max' },
})

/** Something to pay with. */
const funding = given(
  fc.constant(() => {
    const postings = ['ada:2', 'ben', 'eve'].map((to) => ({ from: 'cash', to, amount: '400', currency: 'EUR' }))
    return paying({ postings })
  }),
)

/** Any commands in a row, behind those that open most accounts; most of them pay. */
export const drawnCommands: fc.Arbitrary<Drawn[]> = fc
  .tuple(openings, openingsOfOther, fc.constantFrom(0, 0, 0, 1), funding, given(policy), others)
  .map(([opened, ofOtherToo, unopened, paid, rule, more]) => [
    ...[...opened.slice(unopened), ...ofOtherToo],
    ...[paid, rule, ...more],
  ])
