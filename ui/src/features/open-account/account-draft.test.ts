import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AccountDraft, readAccountDraft } from './account-draft.ts'

const draft: AccountDraft = {
  ...{ type: 'external', owner: ' house:micropay ', name: ' ', accountId: '', currency: 'EUR', path: '' },
  ...{ overdraft: 'default', limit: '', reference: ' ', openedOn: '' },
}
const read = (change: Partial<AccountDraft>) => readAccountDraft({ ...draft, ...change }, 'en-US')

test('what is left empty is left to the ledger', () => {
  const request = { type: 'external', currency: 'EUR', owner: 'house:micropay' }
  assert.deepEqual(read({}), { kind: 'ready', request })
})

test('what its owner calls it, and since when it is held elsewhere, go along where they were typed', () => {
  const ready = read({ reference: ' C-17 ', openedOn: '2019-04-01' })
  assert.deepEqual(ready.kind === 'ready' && [ready.request.ownerReference, ready.request.openedOn], [
    'C-17',
    '2019-04-01',
  ])
})

test('an account is opened at the place that was typed, and spaces around it do not count', () => {
  const ready = read({ path: ' assets/cash/front-desk ' })
  assert.equal(ready.kind === 'ready' && ready.request.path, 'assets/cash/front-desk')
})

test('a place that the chart cannot have is told by the rule for places', () => {
  for (const path of ['Assets/Cash', '/assets', 'assets//cash', 'a/b/c/d/e/f/g/h/i', 'assets cash']) {
    const wrong = read({ path })
    const why = wrong.kind === 'incomplete' ? wrong.errors.path : undefined
    assert.equal(
      why,
      'The place must be 1 to 8 segments of small letters, digits and hyphens, such as assets/cash/eur.',
    )
  }
})

test('all that is missing is told at once', () => {
  const wrong = read({ owner: ' ', overdraft: 'limited', path: 'A' })
  assert.deepEqual(wrong.kind === 'incomplete' && Object.keys(wrong.errors).sort(), ['limit', 'owner', 'path'])
})
