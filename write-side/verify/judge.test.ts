import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import { ACCOUNT_KEY_GENERATION, EVENT_GENERATION, generations } from '@micropay/schemas/log/generations'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { ledgerWith } from '../decide/ledger.fixture.ts'
import { createJudge } from './judge.ts'
import { judgeCommit } from './judge-commit.ts'

const unlimited = { type: 'external', overdraftLimit: 'unlimited' } as const

function commitOf({ value }: NewRecord): Commit {
  const decoded = decodeRecord(value)
  assert.ok(decoded.kind === 'commit')
  return decoded.commit
}

/** What is found in these commits, by code and sequence. */
function judged(commits: readonly Commit[], agedMs = (_: Commit) => 0, generation = EVENT_GENERATION) {
  const judge = createJudge(0)
  return commits.flatMap((commit) => judge.take(commit, { generation, agedMs: agedMs(commit) }))
}

function begun() {
  const ledger = createLedger()
  ledger.claim()
  return ledger
}

function openBook() {
  const ledger = begun()
  const book = [ledger.open('cash', unlimited), ledger.open('ada'), ledger.open('bob', { overdraftLimit: '50' })]
  return { ledger, book: book.map(commitOf) }
}

const deposit = { kind: 'deposit', actor: 'operator:ben' } as const

const statement = {
  ...{ accountId: 'cash', statementId: 'S1', iban: 'DE89370400440532013000', currency: 'EUR' },
  ...{ from: '2026-03-01', to: '2026-03-31', opening: '0', closing: '5' },
  lines: [{ amount: '5', bookedOn: '2026-03-02', references: [] }],
}

function withdrawal(ledger: Ledger, position: string): NewRecord {
  const personal = { form: 'plain', data: { reason: 'of another account' } }
  const data = { accountId: 'cash', statementId: 'S1', position, personal }
  return ledger.decide('WithdrawStatement', [{ type: 'StatementWithdrawn', version: 1, data }])
}

function onePersonWithdraws(ledger: Ledger): NewRecord {
  const data = { policyId: `pol-0-${ledger.position().seq + 1}`, rule: { command: 'WithdrawStatement', people: 1 } }
  return ledger.decide('SetPolicy', [{ type: 'PolicySet', version: 1, data }])
}

test('what honest workers write is allowed, whoever gave the command', () => {
  const { ledger, book } = openBook()
  const owner = 'customer:ada'
  const later = [
    ledger.pay([['cash', 'ada', 100]], { ...deposit, effectiveAt: '2026-02-01T00:00:00.000Z', reference: 'r' }),
    ledger.pay([['ada', 'bob', 100]]),
    ledger.pay([['bob', 'ada', 150]]),
    ledger.refuse({ postings: [{ from: 'bob', to: 'ada', amount: '1', currency: 'EUR' }] }),
    ledger.statement(statement),
    ledger.payee('Saved', { owner, alias: 'Bob', accountId: 'bob' }),
    ledger.payee('Removed', { owner, alias: 'Bob', accountId: 'bob' }),
    ledger.freeze('ada'),
    ledger.unfreeze('ada'),
    ledger.open('eve'),
    ledger.close('eve'),
    onePersonWithdraws(ledger),
    withdrawal(ledger, '0:8'),
    ledger.statement(statement),
  ]
  assert.deepEqual(judged([...book, ...later.map(commitOf)]), [])
})

const wrongs: readonly (readonly [
  title: string,
  write: (ledger: ReturnType<typeof createLedger>) => NewRecord[],
  RegExp,
])[] = [
  ['pays more than there is', (ledger) => [ledger.pay([['ada', 'bob', 1]])], /refuse it as insufficient_funds/],
  [
    'passes the overdraft limit',
    (ledger) => [ledger.pay([['bob', 'ada', 51]])],
    /insufficient_funds: bob has 0.50 EUR/,
  ],
  ['names another currency', (ledger) => [ledger.pay([['cash', 'ada', 5, 'USD']], deposit)], /currency_mismatch/],
  [
    'pays from a frozen account',
    (ledger) => [ledger.freeze('cash'), ledger.pay([['cash', 'ada', 5]], deposit)],
    /account_frozen/,
  ],
  [
    'pays into a closed account',
    (ledger) => [ledger.close('ada'), ledger.pay([['cash', 'ada', 5]], deposit)],
    /account_closed/,
  ],
  [
    'reaches into another tenant',
    (ledger) => [ledger.pay([['cash', 'ada', 5]], { ...deposit, tenant: 'other' })],
    /account_not_found/,
  ],
  [
    'leaves the range of 64 bits',
    (ledger) => {
      const most = Array.from({ length: 100 }, () => ['cash', 'ada', 10n ** 15n] as const)
      return Array.from({ length: 93 }, () => ledger.pay(most, deposit))
    },
    /balance_overflow/,
  ],
  ['opens an account twice', (ledger) => [ledger.open('ada')], /account_exists/],
  [
    'closes an account with money on it',
    (ledger) => [ledger.pay([['cash', 'ada', 5]], deposit), ledger.close('ada')],
    /account_not_empty/,
  ],
  ['unfreezes what is not frozen', (ledger) => [ledger.unfreeze('ada')], /account_not_frozen/],
  [
    'removes a payee that was never saved',
    (ledger) => [ledger.payee('Removed', { owner: 'customer:ada', alias: 'Bob', accountId: 'bob' })],
    /payee_not_found/,
  ],
  [
    'withdraws a statement that was never imported',
    (ledger) => [withdrawal(ledger, '0:3')],
    /refuse it as statement_not_found/,
  ],
  [
    'withdraws a statement without a second person',
    (ledger) => [ledger.statement(statement), withdrawal(ledger, '0:4')],
    /does not lead to the events/,
  ],
  [
    'withdraws a statement twice',
    (ledger) => [
      ...[ledger.statement(statement), onePersonWithdraws(ledger)],
      ...[withdrawal(ledger, '0:4'), withdrawal(ledger, '0:4')],
    ],
    /refuse it as statement_withdrawn/,
  ],
  [
    'has the id of another payment',
    (ledger) => {
      const { value, key } = ledger.pay([['cash', 'ada', 5]], deposit)
      const text = new TextDecoder().decode(value).replace('pay-0-4', 'pay-0-9')
      return [{ key, value: new TextEncoder().encode(text) }]
    },
    /does not lead to the events/,
  ],
]
for (const [title, write, expected] of wrongs) {
  test(`a commit that ${title} is not allowed`, () => {
    const { ledger, book } = openBook()
    const commits = write(ledger).map(commitOf)
    const found = judged([...book, ...commits])
    assert.deepEqual([found[0]?.code, found[0]?.seq], ['not_allowed', commits.at(-1)?.seq])
    assert.match(found[0]?.detail ?? '', expected)
  })
}

test('an id that another tenant has is opened from the generation on that brought this, and not before', () => {
  const { ledger, book } = openBook()
  const other = { tenant: 'other' }
  const more = [
    ledger.open('ada', other),
    ledger.open('cash', { ...unlimited, ...other }),
    ledger.pay([['cash', 'ada', 5]], { ...deposit, ...other }),
    ledger.pay([['bob', 'ada', 1]], deposit),
  ].map(commitOf)
  assert.deepEqual(judged([...book, ...more]), [])
  const early = judged([...book, ...more], () => 0, ACCOUNT_KEY_GENERATION - 1)
  assert.deepEqual(
    early.map(({ seq }) => seq),
    [4, 5],
  )
  assert.match(early[0]?.detail ?? '', /refuse it as account_exists/)
})

test('a commit whose events are not those of its command is not allowed', () => {
  const { ledger, book } = openBook()
  const frozen = commitOf(ledger.freeze('ada'))
  const [as, more] = [
    { ...frozen, command: { type: 'CloseAccount' } },
    { ...frozen, events: [] },
  ] as const
  for (const commit of [as, more] as Commit[]) {
    assert.match(judged([...book, commit])[0]?.detail ?? '', /^an accepted .* holds (AccountFrozen|no event)$/)
  }
  const refused = { ...frozen, outcome: { kind: 'rejected', code: 'account_frozen', detail: 'it is' } } as const
  assert.match(judged([...book, refused])[0]?.detail ?? '', /refused, and the commit holds events/)
})

test('a key that was counted before is told for as long as it is kept, by the time of the ledger', () => {
  const { ledger, book } = openBook()
  const first = commitOf(ledger.pay([['cash', 'ada', 5]], deposit))
  const other = commitOf(ledger.pay([['cash', 'ada', 5]], deposit))
  const again = { ...other, idempotencyKey: first.idempotencyKey }
  const days = (count: number) => (commit: Commit) => (commit === again ? count * 86_400_000 : 0)
  const found = judged([...book, first, again], days(399))
  assert.deepEqual(found, [
    {
      ...{ code: 'key_counted_twice', seq: 5 },
      detail: 'its idempotency key was counted at 0:4 already, and was still kept',
    },
  ])
  assert.deepEqual(judged([...book, first, again], days(401)), [])
  const byAnother = { ...again, actor: { ...again.actor, subject: 'operator:olga' } }
  assert.deepEqual(judged([...book, first, byAnother]), [], 'it is of another person')
})

test('a time that runs back is told', () => {
  const { ledger, book } = openBook()
  const early = commitOf(ledger.pay([['cash', 'ada', 5]], { ...deposit, decidedAt: '2026-03-01T08:00:00.000Z' }))
  const late = commitOf(ledger.pay([['cash', 'ada', 5]], deposit))
  assert.deepEqual(
    judged([...book, early, late]).map(({ code, seq }) => [code, seq]),
    [['time_runs_back', 4]],
  )
})

test('a refund that counts now is allowed, though another zone was set and its payment is dated ahead in that', () => {
  const ledger = begun()
  const zoned = (zone: string, decidedAt: string) =>
    ledger.decide('SetZone', [{ type: 'LedgerZoneSet', version: 1, data: { zone } }], { decidedAt })
  const opened = [ledger.open('cash', unlimited), ledger.open('ada')]
  const ahead = zoned('Pacific/Kiritimati', '2026-03-01T10:10:00.000Z')
  // In that zone it is the second of March, all of it.
  const dated = { effectiveAt: '2026-03-02T09:00:00.000Z', decidedAt: '2026-03-01T10:30:00.000Z' }
  const paid = ledger.pay([['cash', 'ada', 5]], { ...deposit, ...dated })
  const paymentId = `pay-0-${ledger.position().seq}`
  const behind = zoned('America/Bogota', '2026-03-01T10:40:00.000Z')
  const back = ledger.pay([['ada', 'cash', 5]], {
    ...{ ...deposit, reverses: { paymentId, whole: true }, decidedAt: '2026-03-01T11:00:00.000Z' },
    description: 'By mistake',
  })
  const judge = createJudge(0)
  const at = { generation: EVENT_GENERATION, agedMs: 0 }
  const found = [...opened, ahead, paid, behind].flatMap((record) => judge.take(commitOf(record), at))
  assert.deepEqual([...found, ...judge.take(commitOf(back), { ...at, original: commitOf(paid) })], [])
})

test('a rule is for commits of the generation that brought it, and of later ones', () => {
  const opened = commitOf(begun().open('ada'))
  const ledger = ledgerWith()
  const pays = commitOf(begun().pay([['ada', 'ada', 1]]))
  assert.equal(judgeCommit(opened, ledger, { partition: 0, generation: 1 }), undefined)
  const none = { events: {}, commands: [], rejections: [] }
  const table = [...generations, none, { ...none, rejections: ['account_not_found' as const] }]
  assert.equal(judgeCommit(pays, ledger, { partition: 0, generation: generations.length + 1 }, table), undefined)
  assert.match(
    judgeCommit(pays, ledger, { partition: 0, generation: generations.length + 2 }, table) ?? '',
    /account_not_found/,
  )
})
