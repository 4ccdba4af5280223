import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rollUp } from './roll-up.ts'

const at = (path: string, balance: number, currency = 'EUR') => ({
  path,
  currency,
  balance: BigInt(balance),
  accounts: 1,
})
const shown = (nodes: ReturnType<typeof rollUp>) =>
  nodes.map((node) => `${node.path} ${node.currency} ${node.debit}/${node.credit} ${node.accounts}`)

test('a place holds the net of all that is below it, and children follow their parent', () => {
  assert.deepEqual(
    shown(
      rollUp([at('assets/cash/eur', -700), at('assets/banks', -200), at('assets', 50), at('liabilities/eur', 850)]),
    ),
    [
      'assets EUR 850/0 3',
      'assets/banks EUR 200/0 1',
      'assets/cash EUR 700/0 1',
      'assets/cash/eur EUR 700/0 1',
      'liabilities EUR 0/850 1',
      'liabilities/eur EUR 0/850 1',
    ],
  )
})

test('currencies are never added together', () => {
  assert.deepEqual(shown(rollUp([at('assets', -1), at('assets', -2, 'USD')])), ['assets EUR 1/0 1', 'assets USD 2/0 1'])
})

test('a name that begins like another one is no child of it', () => {
  assert.deepEqual(
    rollUp([at('assets/cash-desk', 1), at('assets/cash', 1), at('assets/cash/eur', 1)]).map((node) => node.path),
    ['assets', 'assets/cash', 'assets/cash/eur', 'assets/cash-desk'],
  )
})
