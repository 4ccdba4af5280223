import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyLeg, type LegDraft, type Looked, readJournal } from './journal-draft.ts'

const currencies: Record<string, Looked> = {
  ...{ 'ada:main': { currency: 'EUR' }, 'ben:main': { currency: 'EUR' }, 'eve:yen': { currency: 'JPY' } },
  'late:main': 'looking',
}
const leg = (account: string, amounts: Partial<LegDraft>): LegDraft => ({ ...emptyLeg(1), account, ...amounts })
const read = (...legs: LegDraft[]) =>
  readJournal({ legs, reference: ' Rent ', description: '' }, (id) => currencies[id] ?? 'unknown', 'en-US')

test('balanced legs become a request in minor units, what leaves below zero, with what is asserted', () => {
  const { request, errors } = read(
    leg(' ada:main ', { out: '10.50', stands: '-1.20' }),
    leg('ben:main', { in: '10.50', stands: '0' }),
    leg('ada:main', { out: '0' }),
  )
  assert.deepEqual(errors, [{}, {}, {}])
  assert.deepEqual(request, {
    legs: [
      { account: 'ada:main', amount: '-1050', currency: 'EUR', stands: '-120' },
      { account: 'ben:main', amount: '1050', currency: 'EUR', stands: '0' },
      { account: 'ada:main', amount: '0', currency: 'EUR' },
    ],
    reference: 'Rent',
  })
})

test('each currency says what it lacks, and until then nothing is asked for', () => {
  const { request, sides } = read(
    leg('ada:main', { out: '10' }),
    leg('ben:main', { in: '9.99' }),
    leg('eve:yen', { in: '7' }),
  )
  assert.equal(request, undefined)
  assert.deepEqual(sides, [
    { currency: 'EUR', outMinor: 1000n, inMinor: 999n },
    { currency: 'JPY', outMinor: 0n, inMinor: 7n },
  ])
})

test('what is missing or wrong is said at its leg', () => {
  const { errors, request } = read(
    leg('', {}),
    leg('nobody', { out: '1' }),
    leg('late:main', { in: '1' }),
    leg('ada:main', { out: '1', in: '1' }),
    leg('ada:main', { in: '1.234' }),
    leg('ada:main', { out: '1', stands: 'much' }),
  )
  assert.equal(request, undefined)
  assert.deepEqual(
    errors.map((each) => Object.keys(each)),
    [['account', 'out'], ['account'], ['account'], ['in'], ['in'], ['stands']],
  )
})
