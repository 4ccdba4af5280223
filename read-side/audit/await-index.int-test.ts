import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Problem } from '@micropay/schemas/api/problem'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

let audit: AuditFixture
beforeEach(async () => {
  audit = await startAudit()
  const { ledger } = audit
  await audit.append(ledger.genesis(), ledger.claim())
  await audit.append(ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada'))
  await audit.append(ledger.pay([['cash', 'ada', 1050]]))
})
afterEach(() => audit.close())

/** Those that wait for a position. */
const waiting = ['/v1/audit/records/0/3', '/v1/audit/payments/pay-0-3', '/v1/audit/accounts/ada/replay']

test('a partition that the ledger has not is a 400 at once, whatever the wait', async () => {
  for (const path of waiting) {
    assert.equal((await audit.get(path)).statusCode, 200, path)
    const startedMs = performance.now()
    const answer = await audit.get(path, 'vera', { 'at-least': '7:1' })
    assert.ok(performance.now() - startedMs < 5_000, `${path} waited`)
    assert.equal(answer.statusCode, 400, path)
    const { code, detail } = Problem.parse(answer.json())
    assert.deepEqual([code, detail], ['invalid_request', 'At-Least names partition 7, and the ledger has 1'])
  }
})

test('a position that is not reached in time is a 503 that says where the index is, or marked stale', async () => {
  const headers = { 'at-least': '0:900', prefer: 'wait=0' }
  for (const path of waiting) {
    assert.equal((await audit.get(path)).statusCode, 200, path)
    const strict = await audit.get(path, 'vera', headers)
    assert.equal(strict.statusCode, 503, path)
    assert.equal(Problem.parse(strict.json()).code, 'projection_behind')
    assert.deepEqual([strict.headers.position, strict.headers['retry-after']], ['0:3', '1'])
    const lenient = await audit.get(path, 'vera', { ...headers, prefer: 'wait=0, handling=lenient' })
    assert.equal(lenient.statusCode, 200, path)
    assert.deepEqual([lenient.headers.position, lenient.headers.stale], ['0:3', 'true'])
  }
})

test('a database that cannot be reached is a 503 that says so, and no fault of ours', async () => {
  const paths = [...waiting, '/v1/audit/partitions/0/verify', '/v1/audit/accesses', '/v1/audit/accesses?format=csv']
  for (const path of paths) assert.equal((await audit.get(path)).statusCode, 200, path)
  audit.proxy.set('cut')
  for (const path of paths) {
    const answer = await audit.get(path)
    assert.equal(answer.statusCode, 503, path)
    assert.equal(answer.headers['retry-after'], '2')
    const { code, detail } = Problem.parse(answer.json())
    assert.deepEqual([code, detail], ['projection_behind', 'the read model does not answer right now: ask again soon'])
  }
  assert.equal((await audit.app.inject('/health/ready')).statusCode, 503)
  audit.proxy.set('pass')
  for (const path of paths) assert.equal((await audit.get(path)).statusCode, 200, path)
})
