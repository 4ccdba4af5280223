import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BankStatementRow } from '@micropay/projections/reconciliation/tables'
import type { Reconciliation } from '@micropay/schemas/api/reconciliation'
import { AccountId } from '@micropay/schemas/identifiers'
import { type DatedEntry, reconcileAccount, statementsBehind } from './reconcile.ts'

type Line = BankStatementRow['lines'][number]

let statementsMade = 0
const statement = (
  id: string,
  period: readonly [from: string, to: string],
  opening: number,
  lines: readonly Line[],
): BankStatementRow => {
  statementsMade += 1
  const closing = lines.reduce((sum, { amount }) => sum + BigInt(amount), BigInt(opening))
  return {
    ...{ account_id: 'bank', statement_id: id, partition: 0, seq: BigInt(statementsMade), tenant: 'acme', iban: 'NL1' },
    ...{ sha256: null, import_id: null },
    ...{ currency: 'EUR', from_day: period[0], to_day: period[1], opening_minor: BigInt(opening) },
    ...{ closing_minor: closing, lines: [...lines], line_count: lines.length },
    ...{ decided_at: new Date(0), actor: 'fiona', approved_by: null },
  }
}
const day = (id: string, on: string, opening: number, ...lines: Line[]) => statement(id, [on, on], opening, lines)
const line = (amount: number, bookedOn: string, ...parties: string[]): Line => ({
  ...{ amount: String(amount), bookedOn, references: parties.length > 0 ? { parties } : {} },
})

/** In the bank's sign. */
const entry = (amount: number, on: string, reference: string | null, paymentId = `pay-0-${amount}`): DatedEntry => ({
  ...{ position: '0:1', index: 0, paymentId, counterparty: AccountId.parse('ada'), amount: String(-amount) },
  ...{ currency: 'EUR', effectiveAt: `${on}T12:00:00.000Z`, decidedAt: `${on}T12:00:00.000Z`, day: on },
  ...{ reference, description: null },
})

function reconcile(statements: BankStatementRow[], entries: DatedEntry[] = []): Reconciliation[] {
  return reconcileAccount({ statements, entries, knownBehind: undefined, balances: new Map() })
}
const kinds = ({ items }: Reconciliation) => items.map(({ kind, matchedBy }) => `${kind} ${matchedBy ?? ''}`.trim())
const previous = ({ previous }: Reconciliation) =>
  previous && `${previous.statementId} ${previous.openingDifference} ${previous.gapDays}`

test('a line takes by reference what a line of an earlier statement would take by its amount', () => {
  const early = day('d1', '2026-03-02', 0, line(5000, '2026-03-02'))
  const late = day('d2', '2026-03-03', 5000, line(5000, '2026-03-03', 'INV-7'))
  const found = reconcile([early, late], [entry(5000, '2026-03-03', 'INV-7')])
  assert.deepEqual(found.map(kinds), [['missing_here'], ['matched reference']])
})

test('the entries of one payment are compared with a line as their sum, and missing at the bank as one', () => {
  const entries = [entry(1000, '2026-03-02', 'A', 'pay-0-1'), entry(2000, '2026-03-02', 'A', 'pay-0-1')]
  const [found] = reconcile([day('d1', '2026-03-02', 0, line(3000, '2026-03-02', 'A'))], entries)
  assert.deepEqual(found && kinds(found), ['matched reference'])
  assert.deepEqual(
    found?.items[0]?.entries.map(({ amount }) => amount),
    ['-1000', '-2000'],
  )
  const [open] = reconcile([day('d1', '2026-03-02', 0)], entries)
  assert.deepEqual([open && kinds(open), open?.missingThere], [['missing_there'], 1])
})

const batchOf = (amount: number, ...details: (readonly [amount: number | undefined, reference: string])[]): Line => ({
  ...line(amount, '2026-03-02'),
  details: details.map(([part, reference]) => ({
    ...(part === undefined ? {} : { amount: String(part) }),
    references: { parties: [reference], bank: ['B-1'] },
  })),
})

test('the transactions of a line are items of their own where one of them is found apart', () => {
  const entries = [entry(2187, '2026-03-02', 'E1'), entry(1296, '2026-03-03', 'E2')]
  const of = batchOf(4000, [2187, 'E1'], [1296, 'E2'], [517, 'E3'])
  const [found] = reconcile([day('d1', '2026-03-02', 0, of)], entries)
  assert.deepEqual(
    found?.items.map(({ kind, detailNumber, bankAmount }) => [kind, detailNumber, bankAmount]),
    [
      ['matched', 1, '2187'],
      ['matched', 2, '1296'],
      ['missing_here', 3, '517'],
    ],
  )
})

test('a batch of which nobody tells the amounts is one open item that says how many it is of', () => {
  const entries = [entry(10, '2026-03-02', 'E1'), entry(20, '2026-03-02', 'E2')]
  const of = batchOf(60, [undefined, 'E1'], [undefined, 'E2'], [undefined, 'E3'])
  const [found] = reconcile([day('d1', '2026-03-02', 0, of)], entries)
  assert.deepEqual(found && kinds(found), ['missing_here', 'missing_there', 'missing_there'])
  assert.deepEqual([found?.items[0]?.line?.batch, found?.items[0]?.detailNumber], [3, null])
  const counted = { ...line(60, '2026-03-02', 'E1'), batch: 3 }
  const [told] = reconcile([day('d2', '2026-03-02', 0, counted)], entries)
  assert.deepEqual(told && kinds(told), ['missing_here', 'missing_there', 'missing_there'])
  assert.equal(told?.items[0]?.line?.batch, 3)
})

test('a number of the bank keeps a line from no entry, and a place in the file is no reference', () => {
  const own = { ...line(7000, '2026-03-02'), references: { bank: ['77'], position: ['1'] } }
  const [found] = reconcile([day('d1', '2026-03-02', 0, own)], [entry(5000, '2026-03-02', '1', 'pay-0-1')])
  assert.deepEqual(found && kinds(found), ['missing_here', 'missing_there'])
  const [met] = reconcile([day('d1', '2026-03-02', 0, own)], [entry(7000, '2026-03-02', 'INV-44', 'pay-0-1')])
  assert.deepEqual([met && kinds(met), met?.items[0]?.line?.references], [['matched amount'], ['77', '1']])
})

test('what moves nothing is for information, on either side', () => {
  const nothing = day('d1', '2026-03-02', 0, line(0, '2026-03-02', 'INFO'))
  const there = [entry(500, '2026-03-02', 'B', 'pay-0-2'), entry(-500, '2026-03-02', 'B', 'pay-0-2')]
  const [found] = reconcile([nothing], there)
  assert.deepEqual(found && kinds(found), ['information', 'information'])
  assert.deepEqual([found?.information, found?.missingHere, found?.missingThere], [2, 0, 0])
})

test('a statement is told how far its opening stands above the close of the one before, and the days between', () => {
  const first = day('d1', '2026-03-02', 10_000, line(1000, '2026-03-02'))
  const apart = day('d2', '2026-03-06', 99_900)
  const next = day('d3', '2026-03-07', 99_900)
  assert.deepEqual(reconcile([next, apart, first]).map(previous), [null, 'd1 88900 3', 'd2 0 0'])
})

test('several statements of one day go on from each other, whatever the order of their import', () => {
  const before = day('d0', '2026-03-01', 0)
  const evening = day('evening', '2026-03-02', 300, line(300, '2026-03-02'))
  const morning = day('morning', '2026-03-02', 0, line(300, '2026-03-02'))
  const found = reconcile([before, evening, morning], [entry(300, '2026-03-02', null), entry(300, '2026-03-02', null)])
  assert.deepEqual(
    found.map((each) => [each.statementId, previous(each), each.overlaps.length, each.repeated]),
    [
      ['d0', null, 0, 0],
      ['evening', 'morning 0 0', 0, 0],
      ['morning', 'd0 0 0', 0, 0],
    ],
  )
})

test('a line that stands on an earlier import of an overlapping period is told so, as often as it stands there', () => {
  const coffee = line(-3, '2026-03-05')
  const week = statement('week', ['2026-03-02', '2026-03-06'], 100, [coffee, coffee, line(7, '2026-03-03', 'A')])
  const again = statement('again', ['2026-03-05', '2026-03-09'], 107, [coffee, coffee, coffee, line(1, '2026-03-09')])
  const next = day('next', '2026-03-10', 99)
  const entries = [entry(-3, '2026-03-05', null, 'pay-0-1'), entry(-3, '2026-03-05', null, 'pay-0-2')]
  const [before, first, second, third] = reconcile([day('d0', '2026-03-01', 100), week, again, next], entries)
  assert.deepEqual(first && kinds(first), ['matched amount', 'matched amount', 'missing_here'])
  assert.deepEqual(second && kinds(second), ['repeated', 'repeated', 'missing_here', 'missing_here'])
  assert.deepEqual(
    second?.items.map(({ repeats }) => repeats && `${repeats.statementId} ${repeats.lineNumber}`),
    ['week 1', 'week 2', null, null],
  )
  assert.deepEqual([second?.repeated, second?.overlaps.map(({ statementId }) => statementId)], [2, ['week']])
  // Its opening lies within the other one, so that no close before it says what it should be.
  assert.deepEqual(
    [before, first, second, third].map((each) => each && previous(each)),
    [null, 'd0 0 0', null, 'again 0 0'],
  )
})

test('the same period again under another id is an overlap of which every line is repeated', () => {
  const lines = [line(5, '2026-03-02', 'A'), line(6, '2026-03-02')]
  const found = reconcile([day('one', '2026-03-02', 0, ...lines), day('two', '2026-03-02', 0, ...lines)])
  assert.deepEqual(
    found.map(({ repeated, missingHere, overlaps }) => [repeated, missingHere, overlaps.length]),
    [
      [0, 2, 0],
      [2, 0, 1],
    ],
  )
})

test("the ledger's balance stands beside the bank's closing, in the bank's sign", () => {
  const balances = new Map([['2026-03-02', -900n]])
  const books = { statements: [day('d1', '2026-03-02', 1000)], entries: [], knownBehind: undefined, balances }
  assert.equal(reconcileAccount(books)[0]?.ledgerClosing, '900')
})

test('a statement is matched only when every entry that may belong to it is known', () => {
  const known = statementsBehind(
    [
      day('early', '2026-03-05', 0),
      day('late', '2026-03-06', 0),
      day('valued early', '2026-03-06', 0, { ...line(1, '2026-03-06'), valueOn: '2026-03-05' }),
    ],
    '2026-03-02',
  )
  assert.deepEqual(
    known.map((each) => each.statement_id),
    ['late'],
  )
})
