import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnerId } from '@micropay/schemas/identifiers'
import { firstDraft, whyNotFrom } from './first-draft.ts'

const accounts = [{ accountId: 'ben:main' }, { accountId: 'ben:savings' }] as const

test('the account that the address names pays, and the first where it names none', () => {
  assert.equal(firstDraft(accounts, { from: 'ben:savings' }).from, 'ben:savings')
  assert.equal(firstDraft(accounts, {}).from, 'ben:main')
})

test('where the account that is named cannot pay, none is chosen in its place', () => {
  assert.equal(firstDraft(accounts, { from: 'ben:frozen' }).from, '')
})

test('why an account cannot pay is said', () => {
  const owner = OwnerId.parse('customer:ben')
  const frozen = { owner, status: 'frozen' as const }
  assert.match(whyNotFrom({ ...frozen, frozen: 'outgoing' }, owner) ?? '', /frozen for what leaves it/)
  assert.match(whyNotFrom({ ...frozen, frozen: 'all' }, owner) ?? '', /^It is frozen, until/)
  assert.match(whyNotFrom({ owner, status: 'closed', frozen: null }, owner) ?? '', /closed/)
  assert.match(whyNotFrom({ ...frozen, frozen: 'all' }, 'customer:ada') ?? '', /not an account of yours/)
  assert.match(whyNotFrom(undefined, owner) ?? '', /not an account of yours/)
  assert.equal(whyNotFrom({ owner, status: 'open', frozen: null }, owner), undefined)
})
