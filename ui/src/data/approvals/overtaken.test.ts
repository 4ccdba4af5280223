import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Period } from '@micropay/schemas/api/period'
import { AccountId } from '@micropay/schemas/identifiers'
import { overtakenBy, wouldWithdrawAgain } from './overtaken.ts'

const at = '2026-07-01T09:00:00.000Z'
const reopened = { position: '0:9', at, by: 'finance:fiona', reason: null, proposalId: null, approvedBy: null }
const period = (periodId: string, again: object | null) =>
  Period.parse({
    ...{ periodId, status: again ? 'reopened' : 'closed', from: null, through: '2026-06-30', zone: 'UTC', before: at },
    ...{ seq: 3, digest: 'd', position: '0:4', closedAt: at, closedBy: 'finance:fiona', reopened: again },
    ...{ proposalId: null, approvedBy: null },
  })
const periods = { items: [period('prd-0-4', reopened), period('prd-0-10', null)], firstOpenDay: '2026-07-01' }
const open = 'open'

test('a reopening is overtaken once its period is reopened, as long as it waits', () => {
  const command = 'ReopenPeriod'
  const of = (periodId: string) => ({ periodId, reason: 'late' })
  assert.equal(overtakenBy({ status: open, command, data: of('prd-0-4') }, periods), 'reopened')
  assert.equal(overtakenBy({ status: open, command, data: of('prd-0-10') }, periods), undefined)
  assert.equal(overtakenBy({ status: open, command, data: of('prd-0-99') }, periods), undefined)
  assert.equal(overtakenBy({ status: 'approved', command, data: of('prd-0-4') }, periods), undefined)
})

test('a closing is overtaken while its last day is closed, and the next day is not', () => {
  const command = 'ClosePeriod'
  const through = (day: string) => ({ status: open, command, data: { through: day, seq: 3, digest: 'd' } }) as const
  assert.equal(overtakenBy(through('2026-06-30'), periods), 'closed')
  assert.equal(overtakenBy(through('2026-07-01'), periods), undefined)
  assert.equal(overtakenBy(through('2026-06-30'), { items: [], firstOpenDay: null }), undefined)
  assert.equal(overtakenBy({ status: open, command: 'FreezeAccount', data: {} }, periods), undefined)
})

test('a withdrawal is overtaken once the statement that was imported there is withdrawn, as long as it waits', () => {
  const statements = [{ accountId: AccountId.parse('bank:house'), statementId: 's-1', position: '0:7' }]
  const asked = (data: object, status: 'open' | 'approved' = 'open') =>
    wouldWithdrawAgain({ status, command: 'WithdrawStatement', data: { ...statements[0], ...data } }, statements)
  assert.equal(asked({}), true)
  assert.equal(asked({}, 'approved'), false)
  assert.equal(asked({ position: '0:9' }), false)
  assert.equal(asked({ accountId: 'bank:other' }), false)
  assert.equal(wouldWithdrawAgain({ status: open, command: 'WithdrawStatement', data: null }, statements), false)
})
