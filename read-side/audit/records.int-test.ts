import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RecordView } from '@micropay/schemas/api/audit'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

let audit: AuditFixture
before(async () => {
  audit = await startAudit()
  const { ledger } = audit
  await audit.append(ledger.genesis(), ledger.claim())
  await audit.append(ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada'))
  await audit.append(ledger.pay([['cash', 'ada', 1050]]))
})
after(() => audit.close())

test('whose a record is says its index, whatever became of its bytes', async () => {
  assert.equal((await audit.get('/v1/audit/records/0/3')).statusCode, 200)
  audit.tamper(4, (text) => text.replace('"tenant":"acme"', '"tenant":"other"'))
  const view = RecordView.parse((await audit.get('/v1/audit/records/0/3')).json())
  assert.equal(view.record?.checks.find(({ name }) => name === 'bytes')?.passed, false)
  assert.equal((await audit.get('/v1/audit/records/0/3', 'olga')).statusCode, 404)
  audit.tamper(4, (text) => text.replace('{', '('))
  assert.equal((await audit.get('/v1/audit/records/0/3')).statusCode, 200)
  assert.equal((await audit.get('/v1/audit/records/0/3', 'olga')).statusCode, 404)
})

test('a tenant’s auditor has no log of all tenants verified, and reads how it was', async () => {
  for (const path of ['/v1/audit/partitions/0/verify', '/v1/audit/verify']) {
    assert.equal((await audit.get(path, 'nora')).statusCode, 403, path)
    assert.equal((await audit.get(path, 'vera')).statusCode, 200, path)
  }
  assert.equal((await audit.get('/v1/audit/verifications', 'nora')).statusCode, 200)
})
