import { ChangeStatus, FreezeAccount, OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Random } from '../random.ts'
import { type Currency, idOn, type KnownAccount, knownAccounts } from './accounts.ts'
import { type Intent, paying } from './intents.ts'
import { PARTITIONS } from './partitions.ts'

const zones = ['UTC', 'Asia/Tokyo', 'America/Bogota', 'Europe/Berlin']

/** What every customer has to begin with, in minor units. */
const FIRST_MINOR = 400

/** From then on payments may be dated back to it. */
const openedOn = '2026-01-01'

/** What nobody can do without: all accounts, and something on them. */
export const openings: readonly Intent[] = [
  ...knownAccounts.map((account) => ask(opening(account))),
  ...Array.from({ length: PARTITIONS }, (_, partition) => ask(bringing(partition))),
]

function bringing(partition: number): LedgerCommand {
  const own = knownAccounts.filter((account) => account.partition === partition)
  const postings = own
    .filter(({ kind }) => kind === 'customer')
    .map(({ id, currency }) => {
      const bank = own.find((each) => each.kind === 'bank' && each.currency === currency)
      return { from: bank?.id, to: id, amount: String(FIRST_MINOR), currency }
    })
  return { type: 'MakePayment', data: MakePayment.parse({ postings }) }
}

function opening({ id, kind, currency, overdraftLimit }: KnownAccount): LedgerCommand {
  const fields =
    kind === 'bank'
      ? { type: 'external', currency, owner: 'house', openedOn }
      : { type: 'customer', currency, owner: 'customer:ada', overdraftLimit, openedOn }
  return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId: id } }
}

export function ask(command: LedgerCommand): Intent {
  return { does: 'ask', command }
}

const draws: readonly { readonly weight: number; draw(random: Random): Intent }[] = [
  { weight: 68, draw: (random) => ask(paying(legsOf(random))) },
  { weight: 6, draw: (random) => ({ does: 'cancel', key: undefined, nth: random.below(3) }) },
  { weight: 8, draw: refundOf },
  { weight: 6, draw: (random) => ask(freezing(random.pick(stoppable).id, random)) },
  { weight: 8, draw: (random) => ask(unfreezing(random.pick(stoppable).id)) },
  { weight: 4, draw: (random) => ask(closing(random.pick(purses).id)) },
  { weight: 3, draw: (random) => ask({ type: 'SetZone', data: { zone: random.pick(zones) } }) },
]
const total = draws.reduce((sum, { weight }) => sum + weight, 0)

export function anyIntent(random: Random): Intent {
  let left = random.next() * total
  for (const { weight, draw } of draws) {
    left -= weight
    if (left < 0) return draw(random)
  }
  throw new RangeError('there is nothing to draw from')
}

/** What else is done to the payment, or to an account of it, while it is under way. */
export function meanwhile({ legs, key }: Payment, random: Random): Intent {
  const isPurse = ({ account }: Leg) => purses.some(({ id }) => id === account)
  const purse = random.chance(0.6) ? legs.find(isPurse) : undefined
  if (purse) return ask(closing(purse.account))
  const { account } = random.pick(legs)
  const cancel: Intent = { does: 'cancel', key, nth: 0 }
  const isBank = !stoppable.some(({ id }) => id === account)
  const others = isBank
    ? []
    : [ask(freezing(account, random)), ask(freezing(account, random)), ask(unfreezing(account))]
  return random.pick([cancel, cancel, { does: 'refund', key, nth: 0, share: 'whole' }, ...others])
}

export type Leg = { readonly account: AccountId; readonly amount: string; readonly currency: string }
export type Payment = { readonly legs: readonly Leg[]; readonly key: string }

const movable = knownAccounts.filter(({ kind }) => kind !== 'probe')
/** Nobody freezes a bank: every probe pays from one. */
const stoppable = movable.filter(({ kind }) => kind !== 'bank')
const purses = knownAccounts.filter(({ kind }) => kind === 'purse')

/** One to three who pay, and one to three who are paid, anywhere; now and then in two currencies, or in a wrong one. */
function legsOf(random: Random): Leg[] {
  const one = random.chance(0.15) ? random.below(PARTITIONS) : undefined
  const two = [random.below(PARTITIONS), random.below(PARTITIONS)]
  const where = one !== undefined ? [one] : random.chance(0.4) ? two : Array.from({ length: PARTITIONS }, (_, at) => at)
  const isHere = ({ partition }: KnownAccount) => where.includes(partition)
  const first = sideOf(random.chance(0.85) ? 'EUR' : 'USD', isHere, random)
  if (!random.chance(0.08)) return first
  const [leg] = first
  const second = sideOf(leg?.currency === 'EUR' ? 'USD' : 'EUR', isHere, random)
  // No account stands on both sides.
  return second.some((one) => first.some(({ account }) => account === one.account)) ? first : [...first, ...second]
}

function sideOf(currency: Currency, isHere: (account: KnownAccount) => boolean, random: Random): Leg[] {
  const holding = movable.filter((account) => account.currency === currency && isHere(account))
  const paying = holding.filter(({ kind }) => kind !== 'bank' || random.chance(0.3))
  const payers = [random.pick(paying.length > 0 ? paying : holding)]
  if (random.chance(0.25)) payers.push(random.pick(holding))
  const payees = holding.filter((account) => !payers.includes(account))
  const amounts = new Map<string, number>()
  for (const { id } of payers) {
    const minor = 1 + random.below(random.chance(0.2) ? 400 : 90)
    amounts.set(id, (amounts.get(id) ?? 0) - minor)
  }
  let left = [...amounts.values()].reduce((sum, minor) => sum - minor, 0)
  for (let more = random.below(3); more > 0 && left > 1 && payees.length > 0; more -= 1) {
    const minor = 1 + random.below(left - 1)
    const { id } = random.pick(payees)
    amounts.set(id, (amounts.get(id) ?? 0) + minor)
    left -= minor
  }
  const last = lastPayee(currency, payees, random)
  amounts.set(last, (amounts.get(last) ?? 0) + left)
  return [...amounts].map(([id, minor]) => ({ account: AccountId.parse(id), amount: String(minor), currency }))
}

function lastPayee(currency: Currency, payees: readonly KnownAccount[], random: Random): string {
  if (payees.length === 0 || random.chance(0.03)) return idOn(random.below(PARTITIONS), 'nobody')
  if (!random.chance(0.03)) return random.pick(payees).id
  return random.pick(movable.filter((account) => account.currency !== currency)).id
}

/** Over before the ledger begins. */
const pastDays = ['2026-02-25', '2026-02-26', '2026-02-27', '2026-02-28']

/** A payment that counts in days that are, or may be, closed. */
export function datedBack(random: Random): Intent {
  return ask(paying(legsOf(random), `${random.pick(pastDays)}T12:00:00.000Z`))
}

/** Now and then by figures that are older than what stands there. */
export function closingDays(random: Random): Intent {
  return { does: 'close', through: random.pick(pastDays), behind: random.chance(0.2) ? 1 + random.below(20) : 0 }
}

function refundOf(random: Random): Intent {
  return { does: 'refund', nth: random.below(8), share: random.chance(0.4) ? 'whole' : random.pick([0.3, 0.6, 1, 1.2]) }
}

function freezing(accountId: AccountId, random: Random): LedgerCommand {
  const direction = random.pick(['outgoing', 'all'])
  return { type: 'FreezeAccount', data: { ...FreezeAccount.parse({ direction }), accountId } }
}

function unfreezing(accountId: AccountId): LedgerCommand {
  return { type: 'UnfreezeAccount', data: { ...ChangeStatus.parse({}), accountId } }
}

function closing(accountId: AccountId): LedgerCommand {
  return { type: 'CloseAccount', data: { ...ChangeStatus.parse({}), accountId } }
}

/** A payment of which it is known that it can be made: from the bank of one partition to another one. */
export function probing(from: number, to: number): Intent {
  const [bank, probe] = [idOn(from, 'bank'), idOn(to, 'probe')]
  return ask({
    type: 'MakePayment',
    data: MakePayment.parse({ postings: [{ from: bank, to: probe, amount: '1', currency: 'EUR' }] }),
  })
}
