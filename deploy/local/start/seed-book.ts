import type { AccountToOpen, PaymentToSend } from '@micropay/sdk/import-source'

export type SeedBook = {
  readonly accounts: readonly AccountToOpen[]
  /** In the order in which they are booked, which is that of their dates. */
  readonly payments: readonly PaymentToSend[]
  /** Frozen and closed once all is booked, with the reason. */
  readonly changes: readonly {
    readonly accountId: string
    readonly change: 'freeze' | 'close'
    readonly reason: string
  }[]
}

const weeks = 8
const day = 86_400_000

/** A small believable ledger for the eight weeks before `createdOn` (a date): the same date gives the same book. */
export function seedBook(createdOn: string): SeedBook {
  const end = Date.parse(`${createdOn}T00:00:00Z`)
  const dated = [...salaries(), ...rents(), ...everyday(), ...betweenFriends(), ...house(), ...refused()]
    .map((entry, order) => ({ ...entry, order }))
    .sort((one, other) => one.at - other.at || one.order - other.order)
  const payments = dated.map(({ at, posting, reference, description }, index) => ({
    idempotencyKey: `seed:${index + 1}`,
    postings: [posting],
    effectiveAt: new Date(end - weeks * 7 * day + at * 60_000).toISOString(),
    ...(reference ? { reference } : {}),
    ...(description ? { description } : {}),
  }))
  return { accounts, payments, changes }
}

type Entry = {
  /** Minutes after the start of the book. */
  readonly at: number
  readonly posting: { from: string; to: string; amount: string; currency: string }
  readonly reference?: string
  readonly description?: string
}

const customer = (
  accountId: string,
  owner: string,
  name: string,
  more: Partial<AccountToOpen> = {},
): AccountToOpen => ({
  ...{ accountId, type: 'customer', currency: 'EUR', owner: `customer:${owner}`, name },
  ...more,
})
const other = (
  accountId: string,
  type: 'external' | 'internal',
  name: string,
  path: string,
  currency = 'EUR',
): AccountToOpen => ({ accountId, type, currency, owner: 'house:micropay', name, path })

const accounts: readonly AccountToOpen[] = [
  other('cash:eur', 'external', 'Cash desk', 'assets/cash/eur'),
  other('cash:usd', 'external', 'Cash desk, dollars', 'assets/cash/usd', 'USD'),
  other('cards:eur', 'external', 'Card scheme', 'assets/cards/eur'),
  other('sepa:eur', 'external', 'Other banks (SEPA)', 'assets/banks/eur'),
  other('fees:eur', 'internal', 'Fees received', 'income/fees/eur'),
  other('interest:eur', 'internal', 'Interest paid', 'expenses/interest/eur'),
  customer('ada:main', 'ada', 'Ada Lovelace', { overdraftLimit: '50000' }),
  customer('ada:usd', 'ada', 'Ada Lovelace, dollars', { currency: 'USD' }),
  customer('ben:main', 'ben', 'Ben Franklin'),
  customer('ben:savings', 'ben', 'Ben Franklin, savings'),
  customer('chloe:main', 'chloe', 'Chloé Martin'),
  customer('dmitri:main', 'dmitri', 'Dmitri Petrov'),
  customer('emeka:main', 'emeka', 'Emeka Obi'),
  customer('freya:main', 'freya', 'Freya Lindqvist', { overdraftLimit: '100000' }),
  customer('giulia:main', 'giulia', 'Giulia Rossi'),
  customer('hana:main', 'hana', 'Hana Sato'),
  customer('bakery:till', 'bakery', 'Corner Bakery'),
  customer('landlord:rents', 'landlord', 'Linden Street Homes'),
  customer('gym:fees', 'gym', 'Northside Climbing'),
  customer('power:bills', 'power', 'City Power and Water'),
  customer('studio:sales', 'studio', 'Studio Nine Design'),
  customer('old:main', 'ivan', 'Ivan Horvat, old account'),
]

const changes: SeedBook['changes'] = [
  { accountId: 'hana:main', change: 'freeze', reason: 'card reported stolen' },
  { accountId: 'old:main', change: 'close', reason: 'moved to another bank' },
]

const at = (dayNumber: number, hour: number, minute = 0) => (dayNumber * 24 + hour) * 60 + minute
const eur = (from: string, to: string, amount: number) => ({ from, to, amount: String(amount), currency: 'EUR' })

function salaries(): Entry[] {
  const people: readonly [string, number, string][] = [
    ['ada:main', 342_050, 'Analytical Engines Ltd'],
    ['ben:main', 289_900, 'Poor Richard Printing'],
    ['chloe:main', 231_420, 'Mairie de Lyon'],
    ['dmitri:main', 198_000, 'Nordhaven Logistics'],
    ['emeka:main', 405_300, 'Lagos Cloud BV'],
    ['freya:main', 276_780, 'Uppsala Universitet'],
    ['giulia:main', 187_645, 'Trattoria da Enzo'],
    ['hana:main', 312_000, 'Kumo Robotics'],
  ]
  return [1, 29].flatMap((pay) =>
    people.map(([to, amount, employer], index) => ({
      at: at(pay, 6, index * 3),
      posting: eur('sepa:eur', to, amount),
      reference: `SALARY ${pay === 1 ? 1 : 2}`,
      description: employer,
    })),
  )
}

function rents(): Entry[] {
  const tenants: readonly [string, number, string][] = [
    ['ada:main', 118_000, 'Linden Street 12, flat 4'],
    ['ben:main', 96_500, 'Linden Street 12, flat 7'],
    ['giulia:main', 74_000, 'Linden Street 14, flat 1'],
  ]
  return [3, 31].flatMap((due) => [
    ...tenants.map(([from, amount, flat], index) => ({
      at: at(due, 7, index),
      posting: eur(from, 'landlord:rents', amount),
      reference: 'RENT',
      description: flat,
    })),
    ...['ada:main', 'ben:main', 'chloe:main', 'freya:main'].map((from, index) => ({
      at: at(due + 2, 9, index),
      posting: eur(from, 'power:bills', 6_240 + index * 815),
      reference: `INV-20${due}-${index + 17}`,
      description: 'Electricity and water',
    })),
  ])
}

/** Cards, bread and the gym, week by week: amounts vary with the week and the person, without chance. */
function everyday(): Entry[] {
  const shoppers = ['ada:main', 'ben:main', 'chloe:main', 'dmitri:main', 'emeka:main', 'freya:main', 'giulia:main']
  const shops = ['Greengrocer', 'Supermarket', 'Bookshop', 'Petrol station', 'Pharmacy', 'Railway tickets', 'Cinema']
  return Array.from({ length: weeks }, (_, week) =>
    shoppers.flatMap((from, person): Entry[] => {
      const spread = (week * 7 + person * 5) % 11
      const monday = week * 7
      const shop = shops[(week + person) % shops.length] ?? ''
      return [
        { at: at(monday + 2, 17, person), posting: eur(from, 'cards:eur', 1_895 + spread * 731), description: shop },
        {
          at: at(monday + 5, 8, person),
          posting: eur(from, 'bakery:till', 320 + spread * 45),
          reference: 'Bread and coffee',
        },
      ]
    }),
  ).flat()
}

function betweenFriends(): Entry[] {
  const entry = (
    dayNumber: number,
    from: string,
    to: string,
    amount: number,
    reference: string,
    description?: string,
  ): Entry => ({
    ...{ at: at(dayNumber, 20, 15), posting: eur(from, to, amount), reference },
    ...(description ? { description } : {}),
  })
  return [
    entry(4, 'ben:main', 'ben:savings', 40_000, 'Putting aside'),
    entry(6, 'ada:main', 'ben:main', 2_450, 'Pizza on Friday', 'You had the larger one, so this is half and a bit'),
    entry(9, 'chloe:main', 'ada:main', 6_000, 'Concert tickets'),
    entry(12, 'emeka:main', 'studio:sales', 145_000, 'INV 2041', 'Logo and website, first half'),
    entry(16, 'freya:main', 'gym:fees', 3_900, 'Membership 1'),
    entry(17, 'ada:main', 'gym:fees', 3_900, 'Membership 1'),
    entry(20, 'giulia:main', 'chloe:main', 1_850, 'Birthday present for Hana'),
    entry(24, 'ben:main', 'ada:main', 7_525, 'Train to Vienna', 'Two seats, booked by Ada'),
    entry(33, 'ben:main', 'ben:savings', 35_000, 'Putting aside'),
    entry(38, 'emeka:main', 'studio:sales', 145_000, 'INV 2057', 'Logo and website, second half'),
    entry(41, 'studio:sales', 'freya:main', 88_000, 'Photos for INV 2057'),
    entry(45, 'ada:main', 'gym:fees', 3_900, 'Membership 2'),
    entry(46, 'dmitri:main', 'ben:main', 12_000, 'The old bicycle'),
    entry(52, 'ada:main', 'giulia:main', 4_680, 'Dinner at Enzo’s', 'Grazie!'),
    entry(54, 'ben:savings', 'ben:main', 15_000, 'For the holidays'),
  ]
}

function house(): Entry[] {
  const usd = (from: string, to: string, amount: number) => ({ from, to, amount: String(amount), currency: 'USD' })
  return [
    { at: at(0, 10), posting: eur('cash:eur', 'old:main', 5_000), reference: 'Paid in at the desk' },
    { at: at(2, 11), posting: eur('cash:eur', 'bakery:till', 64_310), reference: 'Takings of the week' },
    { at: at(8, 11), posting: usd('cash:usd', 'ada:usd', 125_000), reference: 'Paid in at the desk' },
    { at: at(22, 15), posting: usd('ada:usd', 'cash:usd', 18_000), reference: 'Paid out at the desk' },
    { at: at(28, 3), posting: eur('ada:main', 'fees:eur', 290), description: 'Account fee' },
    { at: at(28, 3, 1), posting: eur('ben:main', 'fees:eur', 290), description: 'Account fee' },
    { at: at(28, 4), posting: eur('interest:eur', 'ben:savings', 67), description: 'Interest for the month' },
    { at: at(40, 16), posting: eur('old:main', 'cash:eur', 5_000), reference: 'Paid out at the desk' },
    { at: at(55, 3), posting: eur('ada:main', 'fees:eur', 290), description: 'Account fee' },
    { at: at(55, 3, 1), posting: eur('ben:main', 'fees:eur', 290), description: 'Account fee' },
    { at: at(55, 4), posting: eur('interest:eur', 'ben:savings', 121), description: 'Interest for the month' },
  ]
}

/** What people try, and the ledger refuses: each keeps its place in it. */
function refused(): Entry[] {
  return [
    { at: at(19, 21), posting: eur('ben:savings', 'ben:main', 90_000), reference: 'New sofa' },
    {
      at: at(36, 12),
      posting: eur('giulia:main', 'landlord:rents', 900_000),
      reference: 'RENT',
      description: 'One zero too many',
    },
    {
      at: at(50, 19),
      posting: eur('ada:main', 'benn:main', 2_000),
      reference: 'Tickets',
      description: 'There is no such account',
    },
    {
      at: at(51, 9),
      posting: eur('ada:usd', 'ben:main', 5_000),
      reference: 'Souvenirs',
      description: 'Dollars, sent as euros',
    },
  ]
}
