import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { initialFold } from '@micropay/event-log/fold-state'
import { systemClock } from '@micropay/runtime/clock'
import type { Leases } from '@micropay/runtime/leases'
import { createLogger } from '@micropay/runtime/logger'
import { AcrossLine } from '@micropay/schemas/api/across'
import { VerificationList, VerifyLine } from '@micropay/schemas/api/audit'
import { ReplayPage } from '@micropay/schemas/api/replay'
import { type AuditFixture, startAudit } from './audit.fixture.ts'
import { tellVerification } from './tell-verification.ts'

let audit: AuditFixture
afterEach(() => audit.close())

async function writeBook(payments: number): Promise<void> {
  const { ledger } = audit
  const begun = [ledger.genesis(), ledger.claim()]
  const opened = [ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')]
  const paid = Array.from({ length: payments }, () => ledger.pay([['cash', 'ada', 5]], { kind: 'deposit' }))
  await audit.append(...begun, ...opened, ...paid)
}

const listed = async () => VerificationList.parse((await audit.get('/v1/audit/verifications')).json())

async function until(what: string, holds: (list: VerificationList) => boolean): Promise<VerificationList> {
  for (const signal = AbortSignal.timeout(20_000); ; ) {
    const list = await listed()
    if (holds(list)) return list
    signal.throwIfAborted()
    await systemClock.sleep(20, signal)
    assert.ok(!signal.aborted, what)
  }
}

const ready = async () => (await audit.app.inject('/health/ready')).json()

async function untilTroubled(expected: RegExp): Promise<void> {
  for (const signal = AbortSignal.timeout(20_000); ; ) {
    const { trouble = '' } = await ready()
    if (expected.test(trouble)) return
    signal.throwIfAborted()
    await systemClock.sleep(20, signal)
  }
}

test('the log is verified by itself, again and again, and a changed byte in it is seen by all', async () => {
  audit = await startAudit({ verifyEveryMs: 300 })
  await writeBook(5)
  const sound = await until('it is sound', ({ sound, items }) => sound === true && (items[0]?.records ?? 0) >= 9)
  const [last] = sound.items
  assert.deepEqual([last?.position, last?.by, last?.finding, sound.finding], ['0:7', 'schedule', null, null])
  assert.equal((await ready()).trouble, undefined)

  audit.tamper(5, (text) => text.replaceAll(/("amount":"-?)5"/g, '$19"'))
  const found = await until('it is not', ({ sound }) => sound === false)
  assert.match(found.finding ?? '', /^chain_broken at 0:4/)
  await untilTroubled(/the log is NOT sound, verified at .*: chain_broken at 0:4/)
  audit.tamper(5, (text) => text.replaceAll(/("amount":"-?)9"/g, '$15"'))
  await until('it is mended', ({ sound }) => sound === true)
})

test('a log that lost what was verified is not sound, however it goes on, and who asks is told as well', async () => {
  audit = await startAudit()
  await writeBook(5)
  assert.deepEqual(await listed(), { sound: null, finding: null, lastAt: null, overdue: true, items: [] })
  const verify = async () => {
    const answer = await audit.get('/v1/audit/partitions/0/verify')
    const line = VerifyLine.parse(JSON.parse(answer.body.trimEnd().split('\n').at(-1) ?? ''))
    assert.ok('result' in line, answer.body)
    return line.result.verification
  }
  assert.deepEqual((await verify()).faults, [])
  const [kept] = (await listed()).items
  assert.deepEqual([kept?.by, kept?.position], ['auditor:vera', '0:7'])
  audit.cut(6)
  const { faults, comparedWith } = await verify()
  assert.equal(comparedWith?.position, '0:7')
  assert.match(faults.map(({ detail }) => detail).join(), /the log counts up to 0:4, before 0:7 that was verified on/)
  const state = await listed()
  assert.match(state.finding ?? '', /^log_truncated at 0:4/)
  await untilTroubled(/NOT sound/)
})

test('what all partitions say of each other is verified where somebody asks, and kept as of none of them', async () => {
  audit = await startAudit()
  await writeBook(5)
  const answer = await audit.get('/v1/audit/verify')
  const line = AcrossLine.parse(JSON.parse(answer.body.trimEnd().split('\n').at(-1) ?? ''))
  assert.ok('result' in line, answer.body)
  const { sound, positions, underWay, payments } = line.result.verification
  assert.deepEqual([sound, positions, payments], [true, '0:7', 0])
  assert.deepEqual(underWay, { payments: 0, oldest: null, sums: [] })
  const [kept] = (await listed()).items
  assert.deepEqual([kept?.partition, kept?.by, kept?.position, kept?.sound], [null, 'auditor:vera', '0:7', true])
})

test('what was found outside the service is told by it, until a verification is sound', async () => {
  audit = await startAudit()
  await writeBook(5)
  const answer = await audit.get('/v1/audit/partitions/0/verify')
  const line = VerifyLine.parse(JSON.parse(answer.body.trimEnd().split('\n').at(-1) ?? ''))
  assert.ok('result' in line, answer.body)
  const { verification } = line.result
  const tell = (contradictedBy: readonly string[]) =>
    tellVerification(
      audit.databaseUrl,
      { verification, fold: initialFold(0), index: null, contradictedBy, by: 'micropay verify' },
      createLogger('test', 'silent'),
    )
  await tell(['the read model accounts_v8_1', 'a worker'])
  await untilTroubled(/NOT sound.*partition 0 does not lead to what the read model accounts_v8_1 holds/)
  const [found] = (await listed()).items
  assert.deepEqual([found?.by, found?.sound, found?.faultCount], ['micropay verify', false, 2])
  await tell([])
  await until('it is sound again', ({ sound }) => sound === true)
})

test('what a tenant sealed is told to its own auditors alone, and the log stays sound', async () => {
  audit = await startAudit({ verifyEveryMs: 300 })
  await writeBook(1)
  const { ledger } = audit
  const days = { through: '2026-02-10', before: '2026-02-11T00:00:00.000Z', zone: 'UTC' }
  const data = { periodId: 'prd-0-4', ...days, seq: 3, digest: 'A'.repeat(43) }
  await audit.append(ledger.decide('ClosePeriod', [{ type: 'PeriodClosed', version: 1, data }], { tenant: 'other' }))
  await until('the schedule reads it', ({ sound, items }) => sound === true && items[0]?.position === '0:4')
  const seenBy = async (who: string) => {
    const { body } = await audit.get('/v1/audit/partitions/0/verify', who)
    const line = VerifyLine.parse(JSON.parse(body.trimEnd().split('\n').at(-1) ?? ''))
    assert.ok('result' in line, body)
    const { sound, faults, sealedOtherwise } = line.result.verification
    assert.deepEqual([sound, faults], [true, []])
    return sealedOtherwise.map(({ periodId, sealed }) => [periodId, sealed])
  }
  assert.deepEqual(await seenBy('vera'), [])
  assert.deepEqual(await seenBy('olga'), [['prd-0-4', 'A'.repeat(43)]])
  const askedBy = async (who: string) => {
    const { items } = VerificationList.parse((await audit.get('/v1/audit/verifications', who)).json())
    return new Set(items.map(({ by }) => by))
  }
  assert.deepEqual(await askedBy('vera'), new Set(['schedule', 'auditor:vera', null]))
  assert.deepEqual(await askedBy('olga'), new Set(['schedule', 'auditor:olga', null]))
})

test('a replay of an index that stopped ends with the reason', async () => {
  audit = await startAudit()
  await writeBook(5)
  const path = '/v1/audit/accounts/ada/replay'
  const first = await audit.get(path)
  assert.equal(first.statusCode, 200, first.body)
  assert.equal(ReplayPage.parse(first.json()).broken, null)
  // The worker, which has found nothing, may say otherwise in between.
  const stopAndAsk = async () => {
    await audit.pool.query(`update projection.checkpoint set stopped = 'the log was cut'`)
    return audit.get(path)
  }
  let answer = await stopAndAsk()
  for (let again = 0; again < 20 && answer.headers.stale !== 'true'; again += 1) answer = await stopAndAsk()
  assert.equal(answer.statusCode, 200, answer.body)
  const { broken, items } = ReplayPage.parse(answer.json())
  assert.deepEqual(broken, { position: '0:7', detail: 'the index of the log stopped here: the log was cut' })
  assert.equal(items.length, 6)
  assert.equal(answer.headers.stale, 'true')
})

test('the lease of the verification is given back while it still can be', async () => {
  const held = (leases: Leases) => leases.held('audit verification')
  let heldAtTheEnd: unknown
  audit = await startAudit({
    verifyEveryMs: 60_000,
    beforeOthersClose: async (leases) => {
      heldAtTheEnd = await held(leases)
    },
  })
  await writeBook(1)
  await until('it is sound', ({ sound }) => sound === true)
  assert.equal((await held(audit.leases)).length, 1)
  await audit.app.close()
  assert.deepEqual(heldAtTheEnd, [])
})
