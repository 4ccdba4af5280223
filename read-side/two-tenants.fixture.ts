import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import { StatementImportedV1, statementFromV1 } from '@micropay/schemas/log/statement-shapes'

/** Two tenants who call everything the same: accounts, owners, payees, statements. */
export const tenants = ['acme', 'other'] as const
export type Tenant = (typeof tenants)[number]

/** What is a tenant's own: its amounts are multiples of `unit`, and its texts have its name in them. */
const own = { acme: { unit: 1, currency: 'EUR' }, other: { unit: 1_000, currency: 'USD' } } as const

export type Book = {
  readonly ledger: Ledger
  readonly records: readonly NewRecord[]
  /** Where each step of a tenant stands, by its name: `prp-0-` and the like stand before it in ids. */
  at(tenant: Tenant, step: StepName): number
}

/**
 * The book of both, step by step in turn. Of a tenant that is left out each commit is one of a third instead, so that
 * what the other one has stands at the same positions and times.
 */
export function writeBook(present: readonly Tenant[] = tenants): Book {
  const ledger = createLedger()
  const records = [ledger.genesis(), ledger.claim()]
  const seqs = new Map<string, number>()
  const at = (tenant: Tenant, step: StepName) => seqs.get(`${tenant} ${step}`) ?? 0
  for (const [name, write] of Object.entries(steps)) {
    for (const tenant of tenants) {
      seqs.set(`${tenant} ${name}`, ledger.position().seq + 1)
      const record = present.includes(tenant)
        ? write({ ledger, tenant, ...own[tenant], seqOf: (step) => at(tenant, step) })
        : ledger.refuse({}, { tenant: 'third' })
      records.push(record)
    }
  }
  return { ledger, records, at }
}

type Given = {
  readonly ledger: Ledger
  readonly tenant: Tenant
  readonly unit: number
  readonly currency: string
  seqOf(step: StepName): number
}
type Step = (given: Given) => NewRecord

const unlimited = { overdraftLimit: 'unlimited' }
const bob = { owner: 'customer:bob' }
const [january, february] = ['2026-01-10T12:00:00.000Z', '2026-02-10T12:00:00.000Z']
const hash = 'h'.repeat(43)

const steps = {
  bank: ({ ledger, tenant, currency }) =>
    ledger.open('bank', {
      tenant,
      currency,
      ...unlimited,
      type: 'external',
      owner: 'house',
      name: `Bank of ${tenant}`,
    }),
  ada: ({ ledger, tenant, currency }) => ledger.open('ada:main', { tenant, currency, name: `Ada of ${tenant}` }),
  bob: ({ ledger, tenant, currency }) =>
    ledger.open('bob:main', { tenant, currency, ...bob, name: `Bob of ${tenant}`, ownerReference: `bob@${tenant}` }),
  shop: ({ ledger, tenant, currency }) =>
    ledger.open('shop', {
      ...{ tenant, currency, ...unlimited, owner: 'house' },
      type: tenant === 'acme' ? 'internal' : 'external',
    }),
  zone: event('SetZone', 'LedgerZoneSet', ({ tenant }) => ({
    zone: tenant === 'acme' ? 'Europe/Berlin' : 'America/New_York',
  })),
  deposit: ({ ledger, tenant, unit, currency }) =>
    ledger.pay([['bank', 'ada:main', 500 * unit, currency]], {
      ...{ tenant, kind: 'deposit', effectiveAt: january, reference: `wages of ${tenant}` },
      metadata: { operation: `${tenant} payroll`, purpose: 'wages' },
    }),
  sale: ({ ledger, tenant, unit, currency }) =>
    ledger.pay([['ada:main', 'shop', 30 * unit, currency]], {
      ...{ tenant, effectiveAt: february, reference: 'INV-7', description: `bought of ${tenant}` },
    }),
  split: ({ ledger, tenant, unit, currency }) =>
    ledger.payLegs(
      [
        ['ada:main', -40 * unit, { currency }],
        ['bob:main', 25 * unit, { currency }],
        ['shop', 15 * unit, { currency }],
      ],
      { tenant, effectiveAt: february, reference: `split of ${tenant}` },
    ),
  refund: ({ ledger, tenant, unit, currency, seqOf }) =>
    ledger.pay([['shop', 'ada:main', 10 * unit, currency]], {
      ...{ tenant, effectiveAt: february, description: `refunded by ${tenant}` },
      reverses: { paymentId: `pay-0-${seqOf('sale')}`, whole: false },
    }),
  refused: ({ ledger, tenant, unit, currency }) =>
    ledger.refuse(
      { postings: [{ from: 'ada:main', to: 'bob:main', amount: `${9_999 * unit}`, currency }], reference: 'too much' },
      { tenant, detail: `refused to ${tenant}` },
    ),
  stranger: ({ ledger, tenant, unit, currency }) =>
    ledger.refuse(
      { postings: [{ from: 'ada:main', to: 'bob:main', amount: `${unit}`, currency }] },
      { tenant, actor: 'customer:bob', code: 'account_not_found', pointer: '/postings/0/from', detail: tenant },
    ),
  payee: ({ ledger, tenant }) =>
    ledger.payee('Saved', { owner: 'customer:ada', alias: `Rent of ${tenant}`, accountId: 'bob:main' }, tenant),
  part: event('KeepStatementPart', 'StatementPart', ({ tenant, unit }) => ({
    ...{ accountId: 'bank', statementId: 'jan', importId: 'import-1', part: 1, of: 2 },
    lines: [{ amount: `${500 * unit}`, bookedOn: '2026-01-10' }],
    personal: { form: 'plain', data: { lines: [{ references: { parties: [`wages of ${tenant}`] } }] } },
  })),
  statement: event('ImportStatement', 'StatementImported', ({ tenant, unit, currency }) => ({
    ...statementFromV1(
      StatementImportedV1.parse({
        ...{ accountId: 'bank', statementId: 'jan', iban: `IBAN ${tenant}`, currency },
        ...{ from: '2026-01-01', to: '2026-01-31', opening: '0', closing: `${507 * unit}` },
        lines: [{ amount: `${7 * unit}`, bookedOn: '2026-01-11', references: [`unknown to ${tenant}`] }],
      }),
    ),
    ...{ importId: 'import-1', parts: 2, lineCount: 2 },
  })),
  wrong: event('ImportStatement', 'StatementImported', ({ tenant, unit, currency }) =>
    statementFromV1(
      StatementImportedV1.parse({
        ...{ accountId: 'bank', statementId: 'wrong', iban: `IBAN ${tenant}`, currency },
        ...{ from: '2026-02-01', to: '2026-02-02', opening: '0', closing: `${9 * unit}` },
        lines: [{ amount: `${9 * unit}`, bookedOn: '2026-02-01', references: [`wrong at ${tenant}`] }],
      }),
    ),
  ),
  withdrawn: event('WithdrawStatement', 'StatementWithdrawn', ({ tenant, seqOf }) => ({
    ...{ accountId: 'bank', statementId: 'wrong', position: `0:${seqOf('wrong')}` },
    personal: { form: 'plain', data: { reason: `withdrawn by ${tenant}` } },
  })),
  closed: event('ClosePeriod', 'PeriodClosed', ({ seqOf }) => ({
    ...{ periodId: `prd-0-${seqOf('closed')}`, through: '2026-01-31', zone: 'UTC' },
    ...{ before: '2026-02-01T00:00:00.000Z', seq: seqOf('deposit'), digest: hash },
  })),
  proposed: event('ReopenPeriod', 'CommandProposed', ({ tenant, seqOf }) => ({
    ...{ proposalId: `prp-0-${seqOf('proposed')}`, command: { type: 'ReopenPeriod', hash }, mayBook: false },
    expiresAt: '2999-01-01T00:00:00.000Z',
    personal: { subject: 'customer:ada', form: 'plain', data: { reason: `asked at ${tenant}` } },
  })),
  decided: event('RefuseCommand', 'CommandRefused', ({ tenant, seqOf }) => ({
    proposalId: `prp-0-${seqOf('proposed')}`,
    personal: { form: 'plain', data: { reason: `not at ${tenant}` } },
  })),
  policy: event('SetPolicy', 'PolicySet', ({ unit, currency, seqOf }) => ({
    policyId: `pol-0-${seqOf('policy')}`,
    rule: { command: 'MakePayment', people: 2, above: { amount: `${77 * unit}`, currency } },
  })),
  frozen: event('FreezeAccount', 'AccountFrozen', ({ tenant }) => ({
    ...{ accountId: 'bob:main', direction: tenant === 'acme' ? 'all' : 'outgoing' },
  })),
  changed: event('ChangeAccount', 'AccountChanged', ({ tenant }) => ({
    ...{ accountId: 'shop', path: `income/${tenant}` },
    personal: { form: 'plain', data: { name: `Shop of ${tenant}` } },
  })),
} as const satisfies Record<string, Step>

export type StepName = 'wrong' | 'sale' | 'deposit' | 'refund' | 'refused' | 'closed' | 'proposed' | 'policy'

/** A step that has one event of its own. */
function event(command: Parameters<Ledger['decide']>[0], type: string, dataOf: (given: Given) => object): Step {
  return (given) => {
    const version = type === 'StatementImported' || type === 'AccountFrozen' ? 2 : 1
    const { ledger, tenant } = given
    return ledger.decide(command, [{ type, version, data: { ...dataOf(given) } }], { tenant })
  }
}
