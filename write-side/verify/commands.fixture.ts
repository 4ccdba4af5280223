import { ChangeStatus, FreezeAccount, OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId, type PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import { StatementImportedV1, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import type { LedgerCommand } from '../decide/decide.ts'
import type { LedgerView } from '../decide/ledger.ts'

/** A command, and who gives it: what it asks of balances is said once the ledger is known that it meets. */
export type Drawn = {
  readonly tenant: Tenant
  readonly subject: string
  readonly mayBook: boolean
  /** `posted` are the payments so far, those that give back others among them. */
  ask(ledger: LedgerView, posted: readonly PaymentId[], tenant: Tenant): LedgerCommand | undefined
}

/** Both have accounts of the same ids, of the same people. */
export const tenants = ['main', 'other'] as const
export type Tenant = (typeof tenants)[number]

/** Few of each, so that commands meet: three people, two currencies, accounts of every type. */
export const names = ['ada', 'ada:2', 'ben', 'eve', 'usd', 'usd:2', 'cash', 'fees'].map((name) => AccountId.parse(name))
const name = fc.constantFrom(...names)
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

const opening = (accountId: AccountId) =>
  fc
    .record({ owner, name: called, overdraftLimit: fc.constantFrom('0', '200', 'unlimited') })
    .map((more): LedgerCommand => {
      const fields = { type: typeOf(accountId), currency: currencyOf(accountId), ...more }
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
  .array(fc.record({ from: name, to: name, amount }), { minLength: 1, maxLength: 4 })
  .map((list) => list.filter(({ from, to }) => from !== to))
  .filter((list) => list.length > 0)
const byPostings = fc.record({ list: postings, more: texts }).map(({ list, more }) => {
  const asked = list.map(({ from, to, amount: minor }) => ({
    ...{ from, to, amount: String(minor), currency: currencyOf(from) },
  }))
  return paying({ postings: asked, ...more })
})

/** What is said of a balance: nothing, what it will be behind the leg, or something else. */
const said = fc.constantFrom('nothing', 'nothing', 'right', 'wrong')
const drawnLegs = fc.array(fc.record({ account: name, amount: fc.oneof(amount, fc.constant(0)), said }), {
  minLength: 1,
  maxLength: 5,
})
const [eur, usd] = [
  names.filter((each) => currencyOf(each) === 'EUR'),
  names.filter((each) => currencyOf(each) === 'USD'),
]
const byLegs = fc
  .record({
    drawn: drawnLegs,
    from: fc.subarray(names, { minLength: 1 }),
    last: fc.constantFrom(...eur),
    lastUsd: fc.option(fc.constantFrom(...usd)),
    more: texts,
  })
  .map(({ drawn, from, last, lastUsd, more }) => (ledger: LedgerView, _: readonly PaymentId[], tenant: Tenant) => {
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
  .record({ nth: fc.nat(40), part: fc.option(amount, { nil: undefined }) })
  .map(({ nth, part }) => (_: LedgerView, posted: readonly PaymentId[]): LedgerCommand => {
    const asked = RefundPayment.parse({ reason: 'a test', ...(part === undefined ? {} : { amount: String(part) }) })
    const paymentId = nth < 38 ? posted[nth % Math.max(1, posted.length)] : undefined
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

const asItIs = (command: LedgerCommand) => () => command

const anyTenant = fc.constantFrom<Tenant>('main', 'main', 'other')
const given = (ask: fc.Arbitrary<Drawn['ask']>, tenant: fc.Arbitrary<Tenant> = anyTenant): fc.Arbitrary<Drawn> =>
  fc.record({
    tenant,
    subject: fc.constantFrom('customer:ada', 'customer:ben'),
    mayBook: fc.integer({ min: 0, max: 3 }).map((draw) => draw > 0),
    ask,
  })

const openingsOf = (tenant: Tenant) =>
  fc.tuple(...names.map((each) => given(opening(each).map(asItIs), fc.constant(tenant))))
const others = fc.array(
  given(
    fc.oneof(
      { weight: 1, arbitrary: name.chain(opening).map(asItIs) },
      { weight: 1, arbitrary: change.map(asItIs) },
      { weight: 4, arbitrary: byPostings.map(asItIs) },
      { weight: 8, arbitrary: byLegs },
      { weight: 6, arbitrary: refund },
      { weight: 1, arbitrary: payee.map(asItIs) },
      { weight: 1, arbitrary: check.map(asItIs) },
      { weight: 1, arbitrary: statement.map(asItIs) },
    ),
  ),
  { minLength: 10, maxLength: 40 },
)

/** Any commands in a row, behind those that open most accounts; most of them pay. */
export const drawnCommands: fc.Arbitrary<Drawn[]> = fc
  .tuple(openingsOf('main'), openingsOf('other'), fc.nat(2), others)
  .map(([main, other, unopened, more]) => [...main.slice(unopened), ...other.slice(unopened), ...more])
