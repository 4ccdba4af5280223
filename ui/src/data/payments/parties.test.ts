import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterpartyWords, partiesOf } from './parties.ts'

const leg = (account: string, amount: string, name: string | null = null) => ({ account, amount, name })

test('one account is called by its name, several are counted once each, and who is not shown is others', () => {
  assert.equal(partiesOf([leg('ada', '-5', 'Ada'), leg('ben', '5')]), 'Ada → ben')
  assert.equal(partiesOf([leg('ada', '-5'), leg('ben', '3'), leg('eve', '1'), leg('ben', '1')]), 'ada → 2 accounts')
  assert.equal(partiesOf([leg('ada', '-5')]), 'ada → others')
  assert.equal(partiesOf([leg('ben', '3'), leg('eve', '2')]), 'others → 2 accounts')
})

test('legs of zero are on no side', () => {
  assert.equal(partiesOf([leg('ada', '-5'), leg('ben', '5'), leg('zoe', '0')]), 'ada → ben')
  assert.equal(partiesOf([leg('ada', '0'), leg('ben', '0')]), 'No money moved on 2 accounts')
  assert.equal(partiesOf([]), 'Not to be read any more')
})

test('an entry is against one account, by its name where it has one, several, or nobody', () => {
  const words = (counterparty: string | null, counterpartyName: string | null, amount = '5') =>
    counterpartyWords({ counterparty, counterpartyName, amount })
  assert.equal(words('ben', 'Ben'), 'Ben')
  assert.equal(words('ben', null), 'ben')
  assert.equal(words(null, null), 'Several accounts')
  assert.equal(words(null, null, '0'), 'No money moved')
})
