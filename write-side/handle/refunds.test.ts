import assert from 'node:assert/strict'
import { hash as sha256 } from 'node:crypto'
import { test } from 'node:test'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { ProposalId } from '@micropay/schemas/identifiers'
import { partitionFor } from '../decide/decide.ts'
import { verifyPartition } from '../verify/verify-partition.ts'
import type { CommandResult } from './command.ts'
import {
  ledgerIn,
  opening,
  paying,
  requestFor,
  standingLog,
  startOwner,
  stopOwner,
  submitUntilDecided,
} from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'
import { memoryLog, payIn, refunding } from './refunds.fixture.ts'

async function paidLog() {
  const log = await memoryLog()
  return { log, owner: await payIn(log) }
}

/** The log, whose commits cannot be read while `silent` is true. */
function silentLog(log: EventLog) {
  const silence = { silent: false, reads: 0 }
  const read: EventLog['read'] = (...args) => {
    silence.reads += 1
    if (silence.silent) throw new LogError('log_unavailable', 'no broker answers')
    return log.read(...args)
  }
  return { silence, log: { ...log, read } }
}

test('many parts of one payment at once give back what it moved, and no more', async () => {
  const { log, owner } = await paidLog()
  const parts = Array.from({ length: 50 }, (_, index) => refunding(`r${index}`, 'pay-0-3', { amount: '7' }))
  const results = await Promise.all(parts.map((part) => owner.submit(part)))
  const counted = (kind: CommandResult['kind']) => results.filter((result) => result.kind === kind).length
  assert.deepEqual([counted('accepted'), counted('rejected')], [14, 36])
  assert.equal(summary(await owner.submit(refunding('rest', 'pay-0-3'))), 'accepted 54')
  const { balances } = await ledgerIn(log)
  assert.deepEqual([balances.get('ada'), balances.get('ben')], [0n, 0n])
  await stopOwner(owner)
})

test('what was given back is known after a restart, by the state on disk, and to the next worker', async () => {
  const { log, owner } = await paidLog()
  await owner.submit(refunding('first', 'pay-0-3', { amount: '60' }))
  await owner.stop()
  const again = startOwner(log, { directory: owner.directory, ownerId: 'again' })
  const most = refunding('too much', 'pay-0-3', { amount: '41' })
  assert.equal(summary(await submitUntilDecided([again], most)), 'rejected 5 refund_exceeds_payment')
  const next = startOwner(log, { ownerId: 'next' })
  assert.equal(summary(await submitUntilDecided([next], refunding('rest', 'pay-0-3'))), 'accepted 6')
  assert.equal((await ledgerIn(log)).balances.get('ben'), 0n)
  await stopOwner(again)
  await stopOwner(next)
})

test('a refund that comes before the owner has read the log is not refused as one of an unknown payment', async () => {
  const { log, owner } = await paidLog()
  await stopOwner(owner)
  const next = startOwner(log, { ownerId: 'next' })
  const early = await Promise.all([next.submit(refunding('r', 'pay-0-3')), next.submit(paying('p', 'ben', 'ada', '1'))])
  assert.deepEqual(early.map(summary), ['refused not_owner', 'accepted 4'])
  assert.equal(summary(await next.submit(refunding('r', 'pay-0-3', { amount: '99' }))), 'accepted 5')
  await stopOwner(next)
})

test('no payment stands behind the end of the log, in another partition, or where something else does', async () => {
  const { owner } = await paidLog()
  for (const paymentId of ['pay-0-99', 'pay-7-3', 'pay-0-1', 'pay-0-0']) {
    const result = await owner.submit(refunding(paymentId, paymentId))
    assert.match(summary(result), /^rejected [0-9]+ payment_not_found$/, paymentId)
  }
  await stopOwner(owner)
})

test('the partition that the id names decides a refund, and what becomes of a proposal', () => {
  const partitions = (id: string) => [1, 4].map((count) => partitionFor(refunding('r', `pay-${id}`).command, count))
  assert.deepEqual(partitions('3-17'), [0, 3])
  assert.deepEqual(partitions('9-17'), [0, 0])
  const approving = { type: 'ApproveCommand', data: { proposalId: ProposalId.parse('prp-2-5'), hash: '' } } as const
  assert.equal(partitionFor(approving, 4), 2)
})

test('a log that does not say which payment it was is not decided upon, and the refund can be sent again', async () => {
  const { log, silence } = silentLog(await memoryLog())
  const owner = await payIn(log)
  silence.silent = true
  const result = await owner.submit(refunding('r', 'pay-0-3'))
  assert.equal(summary(result), 'refused not_owner')
  silence.silent = false
  assert.equal((await ledgerIn(log)).state.seq, 3)
  assert.equal(summary(await owner.submit(refunding('r', 'pay-0-3'))), 'accepted 4')
  silence.silent = true
  const again = await owner.submit(refunding('r', 'pay-0-3'))
  assert.deepEqual([summary(again), again.kind === 'accepted' && again.replayed], ['accepted 4', true])
  silence.silent = false
  await stopOwner(owner)
})

test('whoever refunds the same payment at the same time waits for one look into the log', async () => {
  const { log, silence } = silentLog(await memoryLog())
  const owner = await payIn(log)
  const before = silence.reads
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => owner.submit(refunding(`r${index}`, 'pay-0-3', { amount: '5' }))),
  )
  assert.ok(silence.reads - before <= 3, `${silence.reads - before} reads`)
  await stopOwner(owner)
})

/** The log, whose commits are read only once `open` was called. */
function gatedLog(log: EventLog) {
  let gate = Promise.resolve()
  let open = () => {}
  const shut = () => {
    gate = new Promise((resolve) => {
      open = resolve
    })
  }
  const read: EventLog['read'] = async function* (...args) {
    await gate
    yield* log.read(...args)
  }
  return { log: { ...log, read }, shut, open: () => open() }
}

test('one person who asks for many payments at once takes nobody else the place to look for theirs', async () => {
  const { log, shut, open } = gatedLog(await memoryLog())
  const owner = await payIn(log)
  for (let seq = 4; seq <= 16; seq += 1) await owner.submit(paying(`back ${seq}`, 'ben', 'ada', '1'))
  shut()
  const mallory = { actor: { subject: 'customer:mallory', client: 'test' }, mayBook: false }
  const many = Array.from({ length: 12 }, (_, at) => owner.submit(refunding(`m${at}`, `pay-0-${at + 4}`, {}, mallory)))
  const other = owner.submit(refunding('r', 'pay-0-3', { amount: '1' }))
  const early = await Promise.race([Promise.all(many.slice(8)), other])
  assert.deepEqual(Array.isArray(early) && early.map(summary), Array(4).fill('refused overloaded'))
  open()
  assert.equal(summary(await other).split(' ')[0], 'accepted')
  assert.deepEqual(new Set((await Promise.all(many.slice(0, 8))).map((each) => each.kind)), new Set(['rejected']))
  await stopOwner(owner)
})

test('the same key has the same answer, another request under it none, and a dry run appends nothing', async () => {
  const { log, owner } = await paidLog()
  const tried = await owner.submit(refunding('', 'pay-0-3', {}, { dryRun: true }))
  assert.equal(summary(tried), 'accepted nowhere')
  assert.equal((await ledgerIn(log)).state.seq, 3)
  const first = await owner.submit(refunding('r', 'pay-0-3', { amount: '30' }))
  assert.deepEqual(await owner.submit(refunding('r', 'pay-0-3', { amount: '30' })), { ...first, replayed: true })
  const other = await owner.submit(refunding('r', 'pay-0-3', { amount: '31' }))
  assert.equal(summary(other), 'refused idempotency_key_reused')
  const tooMuch = await owner.submit(refunding('', 'pay-0-3', { amount: '71' }, { dryRun: true }))
  assert.equal(summary(tooMuch), 'rejected nowhere refund_exceeds_payment')
  await stopOwner(owner)
})

test('where a policy asks for two, a refund waits for the second, and the payment is found again then', async () => {
  const { log, owner } = await paidLog()
  const policy = { type: 'SetPolicy', data: { command: 'RefundPayment', people: 2 } } as const
  const set = await owner.submit(requestFor(policy, 'policy'))
  assert.equal(summary(set), 'accepted 4')
  const proposed = await owner.submit(refunding('r', 'pay-0-3', { amount: '30' }))
  assert.ok(proposed.kind === 'accepted' && 'proposalId' in proposed.answer, summary(proposed))
  const { proposalId, hash } = proposed.answer
  assert.ok(proposalId)
  assert.equal((await ledgerIn(log)).balances.get('ada'), -100n)
  await owner.stop()
  const next = startOwner(log, { directory: owner.directory, ownerId: 'next' })
  const approve = { type: 'ApproveCommand', data: { proposalId, hash } } as const
  const by = { actor: { subject: 'operator:ben', client: 'test' } }
  const approved = await submitUntilDecided([next], requestFor(approve, 'approve', by))
  assert.ok(approved.kind === 'accepted' && 'result' in approved.answer, summary(approved))
  assert.deepEqual(approved.answer.result?.reverses, { paymentId: 'pay-0-3', whole: false })
  assert.equal((await ledgerIn(log)).balances.get('ada'), -70n)
  const { verification } = await verifyPartition(log, 0, { clock: systemClock, signal: AbortSignal.timeout(20_000) })
  assert.deepEqual([verification.sound, verification.faults], [true, []])
  await stopOwner(next)
})

test('a refund that is approved in the batch that proposes it is to be approved again, and is found then', async () => {
  const { log, hold, release } = standingLog(await memoryLog())
  const owner = await payIn(log)
  const policy = { type: 'SetPolicy', data: { command: 'RefundPayment', people: 2 } } as const
  await owner.submit(requestFor(policy, 'policy'))
  const before = hold()
  const first = owner.submit(opening('eve', 'open-eve'))
  await before
  const proposed = owner.submit(refunding('r', 'pay-0-3'))
  // It is looked for in the log first, and waits behind the account then.
  await systemClock.sleep(100)
  const hash = sha256('sha256', 'RefundPayment\n{"paymentId":"pay-0-3","reason":"a mistake"}', 'base64url')
  const approve = { type: 'ApproveCommand', data: { proposalId: ProposalId.parse('prp-0-6'), hash } } as const
  const by = { actor: { subject: 'operator:ben', client: 'test' } }
  const approved = owner.submit(requestFor(approve, 'approve', by))
  await systemClock.sleep(20)
  release()
  assert.deepEqual((await Promise.all([first, proposed])).map(summary), ['accepted 5', 'accepted 6'])
  assert.equal(summary(await approved), 'refused not_owner')
  assert.equal(summary(await owner.submit(requestFor(approve, 'approve', by))), 'accepted 7')
  await stopOwner(owner)
})

test('a refund of a payment of the same batch is not refused for ever: it is to be asked for again', async () => {
  const { log, hold, release } = standingLog(await memoryLog())
  const owner = await payIn(log)
  const before = hold()
  const first = owner.submit(opening('eve', 'open-eve'))
  await before
  const paid = owner.submit(paying('another', 'ben', 'ada', '5'))
  const refund = owner.submit(refunding('r', 'pay-0-5'))
  await systemClock.sleep(100)
  release()
  assert.deepEqual((await Promise.all([first, paid, refund])).map(summary), [
    'accepted 4',
    'accepted 5',
    'refused not_owner',
  ])
  assert.equal(summary(await owner.submit(refunding('r', 'pay-0-5'))), 'accepted 6')
  await stopOwner(owner)
})

/** A payment of 5 from ada to ben, at 0:3, which earlier code gave back under other names of it, each time in part. */
async function spelledLog(...given: readonly number[]) {
  const log = await memoryLog()
  const ledger = createLedger()
  const limit = { overdraftLimit: 'unlimited', tenant: 'main' }
  const records = [ledger.genesis(), ledger.claim(), ledger.open('ada', limit), ledger.open('ben', limit)]
  records.push(ledger.pay([['ada', 'ben', 5]], { tenant: 'main' }))
  for (const [index, amount] of given.entries()) {
    const reverses = { paymentId: `pay-0-${'0'.repeat(index + 1)}3`, whole: false }
    records.push(ledger.pay([['ben', 'ada', amount]], { reverses, description: 'a mistake', tenant: 'main' }))
  }
  await (await log.openAppender(0)).append(records)
  const owner = startOwner(log, { ledgerId: 'test-ledger' })
  await submitUntilDecided([owner], opening('eve', 'open-eve'))
  return { log, owner, next: given.length + 5 }
}

async function faultsOf(log: EventLog) {
  const { verification } = await verifyPartition(log, 0, { clock: systemClock, signal: AbortSignal.timeout(20_000) })
  return verification.faults.map(({ code, seq, detail }) => `${code} ${seq} ${detail}`)
}

test('what was given back under another spelling of the id counts, and verifying tells of it', async () => {
  const { log, owner, next } = await spelledLog(1, 2)
  assert.equal(
    summary(await owner.submit(refunding('r', 'pay-0-3', { amount: '3' }))),
    `rejected ${next} refund_exceeds_payment`,
  )
  assert.equal(summary(await owner.submit(refunding('rest', 'pay-0-0003'))), `accepted ${next + 1}`)
  assert.deepEqual([...(await ledgerIn(log)).balances.values()], [0n, 0n])
  const found = await faultsOf(log)
  assert.equal(found.length, 2)
  for (const [index, fault] of found.entries()) assert.match(fault, new RegExp(`^not_allowed ${4 + index} .*`))
  await stopOwner(owner)
})

test('of a payment that more was given back of than it moved, nothing more is, neither here nor there', async () => {
  const { log, owner, next } = await spelledLog(5, 5)
  const asked = [{}, { amount: '1' }, { legs: [part('ben', '-1'), part('ada', '1')] }]
  for (const [index, more] of [...asked, { legs: [part('ada', '-1'), part('ben', '1')] }].entries()) {
    const result = await owner.submit(refunding(`r${index}`, 'pay-0-3', more))
    assert.equal(summary(result), `rejected ${next + index} refund_exceeds_payment`)
  }
  assert.match((await faultsOf(log)).join('\n'), /not_allowed 5 .*refund_exceeds_payment/)
  await stopOwner(owner)
})

function part(account: string, amount: string) {
  return { account, amount, currency: 'EUR' }
}
