import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewRecord } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold-state'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { announcing, changed, ofAmount } from '@micropay/event-log/ledger-records.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Verification } from '@micropay/schemas/api/audit'
import type { Resume } from '@micropay/schemas/log/commit'
import { ACCOUNT_KEY_GENERATION, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { encodeResume } from '@micropay/schemas/log/ledger-record'
import type { Kept } from './compare-kept.ts'
import { verifyPartition } from './verify-partition.ts'

async function verifyWith(kept: Kept | undefined, ...records: readonly NewRecord[]) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  if (records.length > 0) await (await log.openAppender(0)).append(records)
  return verifyPartition(log, 0, { clock: systemClock, signal: AbortSignal.timeout(20_000), kept })
}

const verify = async (...records: readonly NewRecord[]) => (await verifyWith(undefined, ...records)).verification

const linesOf = ({ faults }: Verification) => faults.map(({ code, seq, detail }) => `${code} ${seq} ${detail}`)

/** What a person appends who goes on from `from`. */
function resumeOf(from: FoldState, seq: number, epoch = from.epoch + 1): NewRecord {
  const resume: Resume = {
    ...{ epoch, seq, previousSeq: from.seq, previousHash: from.hash, claimId: 'a claim of a person' },
    ...{
      actor: 'sam',
      reason: 'a disk was lost',
      resumedAt: '2026-03-02T09:00:00.000Z',
      eventGeneration: EVENT_GENERATION,
    },
  }
  return { key: 'ledger', value: encodeResume({ ledgerId: 'test-ledger', partition: 0 }, resume) }
}

const unlimited = { type: 'external', overdraftLimit: 'unlimited' } as const

function openBook() {
  const ledger = createLedger()
  const book = [ledger.genesis(), ledger.claim(), ledger.open('cash', unlimited), ledger.open('ada')]
  return { ledger, book }
}

/** Of a payment of 5, which becomes one of 9. */
const raised = (record: NewRecord) => ofAmount(record, '5', '9')

test('a log that adds up is sound, and every kind of record is counted', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.pay([['cash', 'ada', 5]]), ledger.heartbeat(), ledger.claim())
  assert.equal(found.sound, true)
  const { records, commits, claims, heartbeats, seq, epoch, accounts, sums } = found
  assert.deepEqual(
    { records, commits, claims, heartbeats, seq, epoch, accounts, sums },
    {
      ...{ records: 7, commits: 3, claims: 2, heartbeats: 1, seq: 3, epoch: 2, accounts: 2 },
      sums: [{ currency: 'EUR', amount: '0' }],
    },
  )
})

test('two tenants share ids behind the claim that announces it, and are added up apart', async () => {
  const ledger = createLedger(0, 1, { generation: ACCOUNT_KEY_GENERATION - 1 })
  const before = [ledger.genesis(), ledger.claim(), ledger.open('cash', unlimited), ledger.open('ada')]
  const other = { tenant: 'other' }
  const dollars = [
    ledger.claim(ACCOUNT_KEY_GENERATION),
    ...[
      ledger.open('cash', { ...unlimited, ...other, currency: 'USD' }),
      ledger.open('ada', { ...other, currency: 'USD' }),
    ],
    ...[ledger.pay([['cash', 'ada', 7, 'USD']], other), ledger.pay([['cash', 'ada', 5]])],
  ]
  const found = await verify(...before, ...dollars)
  assert.deepEqual([linesOf(found), found.accounts], [[], 4])
  assert.deepEqual(found.sums, [
    { currency: 'EUR', amount: '0' },
    { currency: 'USD', amount: '0' },
  ])
  const early = createLedger(0, 1, { generation: ACCOUNT_KEY_GENERATION - 1 })
  const taken = [early.genesis(), early.claim(), early.open('ada'), early.open('ada', other)]
  assert.match(linesOf(await verify(...taken))[0] ?? '', /^not_allowed 2 .*account_exists/)
})

const refundOf5 = { reverses: { paymentId: 'pay-0-3', whole: true }, description: 'a mistake' }

test('a log with refunds is sound, and one that gives back more than a payment moved is not', async () => {
  const { ledger, book } = openBook()
  const first = [ledger.pay([['cash', 'ada', 5]]), ledger.pay([['cash', 'ada', 5]])]
  const part = { ...refundOf5, reverses: { ...refundOf5.reverses, whole: false } }
  const refunds = [ledger.pay([['ada', 'cash', 2]], part), ledger.pay([['ada', 'cash', 3]], refundOf5)]
  const found = await verify(...book, ...first, ...refunds)
  assert.deepEqual([linesOf(found), found.sound], [[], true])
  const again = await verify(...book, ...first, ...refunds, ledger.pay([['ada', 'cash', 5]], refundOf5))
  assert.equal(again.sound, false)
  assert.match(linesOf(again)[0] ?? '', /^not_allowed 7 .* refund_exceeds_payment: all of pay-0-3 was given back/)
})

const wrongRefunds: readonly [title: string, more: object, RegExp][] = [
  ['calls a part the whole', { reverses: { paymentId: 'pay-0-4', whole: true } }, /does not lead to the events/],
  ['is of no payment', { reverses: { paymentId: 'pay-0-2', whole: true } }, /payment_not_found/],
  ['is of a later one', { reverses: { paymentId: 'pay-0-9', whole: true } }, /payment_not_found/],
  ['is of another partition', { reverses: { paymentId: 'pay-1-3', whole: true } }, /payment_not_found/],
  ['corrects a period that nobody closed', { corrects: 'prd-0-1' }, /does not lead to the events/],
]
for (const [title, more, expected] of wrongRefunds) {
  test(`a refund that ${title} is told`, async () => {
    const { ledger, book } = openBook()
    const paid = [ledger.pay([['cash', 'ada', 5]]), ledger.pay([['cash', 'ada', 6]])]
    const found = await verify(...book, ...paid, ledger.pay([['ada', 'cash', 5]], { ...refundOf5, ...more }))
    assert.match(linesOf(found)[0] ?? '', expected)
  })
}

test('what a deposed worker wrote late is void, and no fault', async () => {
  const { ledger, book } = openBook()
  const late = ledger.pay([['cash', 'ada', 5]])
  const found = await verify(...book, ledger.claim(), late, late)
  assert.equal(found.sound, true)
  assert.equal(found.voids.stale_epoch, 2)
  assert.deepEqual(found.voided[0], { reason: 'stale_epoch', epoch: 1, seq: 3 })
})

test('a commit that was changed is one fault, however many commits are behind it', async () => {
  const { ledger, book } = openBook()
  const first = ledger.pay([['cash', 'ada', 5]])
  const behind = Array.from({ length: 7 }, () => ledger.pay([['cash', 'ada', 6]]))
  const found = await verify(...book, raised(first), ...behind)
  assert.deepEqual(linesOf(found), [
    'chain_broken 3 record 0:3 or what follows was changed; 7 commits behind it do not count',
  ])
  assert.deepEqual([found.sound, found.seq, found.faultCount, found.voids.chain_broken], [false, 3, 1, 7])
})

test('a payment of which one leg was changed is no record any more, since its legs do not balance', async () => {
  const { ledger, book } = openBook()
  const paid = ledger.pay([['cash', 'ada', 6]])
  const found = await verify(...book, paid, changed(ledger.pay([['cash', 'ada', 5]]), '"5"', '"9"'))
  assert.match(linesOf(found).join('\n'), /^unreadable_record null a record behind 0:3 .* 1 record does not count$/)
  assert.deepEqual(found.sums, [{ currency: 'EUR', amount: '0' }])
})

test('a fork, an epoch that was never claimed and a record that was changed are a line each', async () => {
  const { ledger, book } = openBook()
  const forks = [ledger.pay([['cash', 'ada', 5]]), ledger.pay([['cash', 'ada', 6]])]
  const inEpoch = (record: NewRecord, epoch: number) => changed(record, '"epoch":1', `"epoch":${epoch}`)
  const [first = ledger.claim(), second = ledger.claim()] = forks
  const fork = [ledger.claim(), inEpoch(first, 2), inEpoch(second, 2)]
  assert.deepEqual(linesOf(await verify(...book, first, second, ...fork)), [
    'fork 3 epoch 2 wrote over 0:3 and what follows, given before: 2 commits do not count',
  ])
  assert.deepEqual(linesOf(await verify(...book, inEpoch(first, 7), inEpoch(second, 7))), [
    'epoch_never_claimed 3 epoch 7 was never claimed: its claim was cut off or changed; 2 records do not count',
  ])
  const broken = { key: 'x', value: new TextEncoder().encode('{"not":"a record"}') }
  assert.deepEqual(linesOf(await verify(...book, broken, first)), [
    'unreadable_record null a record behind 0:2 (offset 4 of the log) was changed and is none: 1 record does not count',
  ])
})

test('a kind that nobody claimed was changed; behind a claim of newer code it ends the verification', async () => {
  const { ledger, book } = openBook()
  const later = changed(ledger.claim(), 'micropay.claim.v1', 'micropay.seal.v1')
  assert.deepEqual(linesOf(await verify(...book, later)), [
    'unreadable_record null a record behind 0:2 (offset 4 of the log) was changed and is none: 1 record does not count',
  ])
  const claimed = announcing(ledger.claim(), EVENT_GENERATION + 1)
  const found = await verify(...book, claimed, later, ledger.heartbeat())
  assert.deepEqual([found.sound, found.records], [false, 5])
  assert.match(linesOf(found)[0] ?? '', /^unknown_generation null the claim of epoch 3 .* newer code.*was changed$/)
  assert.match(linesOf(found)[1] ?? '', /^unknown_record null .*upgrade this process first.* nothing behind it was/)
})

test('a claim of a generation that is unknown here is a fault until a person says that it was changed', async () => {
  const { ledger, book } = openBook()
  const claimed = announcing(ledger.claim(), EVENT_GENERATION + 1)
  const paid = ledger.pay([['cash', 'ada', 5]])
  const { verification, fold } = await verifyWith(undefined, ...book, claimed, paid)
  assert.deepEqual([verification.seq, verification.claims, verification.faultCount], [3, 2, 1])
  const { sound, accepted, voids } = await verify(...book, claimed, paid, resumeOf(fold, 5_000))
  assert.deepEqual([sound, accepted[0]?.faults.length, voids.unreadable_record], [true, 1, 0])
})

test('a record that was changed in front of a resume is a fault until a further resume', async () => {
  const { ledger, book } = openBook()
  const first = ledger.pay([['cash', 'ada', 5]])
  const before = await verifyWith(undefined, ...book, first)
  const other = [...book, raised(first), resumeOf(before.fold, 5_000)]
  const found = await verifyWith(undefined, ...other)
  assert.deepEqual(linesOf(found.verification), [
    'resume_mismatch 5000 the resume at 0:5000 does not go on from 0:3: it, or a record before it, was changed',
  ])
  assert.deepEqual([found.verification.voids.resume_mismatch, found.verification.seq], [1, 3])
  const further = await verify(...other, resumeOf(found.fold, 9_000))
  assert.deepEqual([further.sound, further.seq, further.accepted.length], [true, 9_000, 1])
})

test('what a person has accepted is no fault any more, and stays to be read', async () => {
  const { ledger, book } = openBook()
  const first = ledger.pay([['cash', 'ada', 5]])
  const broken = [raised(first), ledger.pay([['cash', 'ada', 6]])]
  const { fold } = await verifyWith(undefined, ...book, ...broken)
  const found = await verify(...book, ...broken, resumeOf(fold, 5_000))
  assert.deepEqual([found.sound, found.seq, found.faults], [true, 5_000, []])
  assert.deepEqual(found.accepted, [
    {
      ...{ position: '0:5000', previous: '0:3', actor: 'sam', reason: 'a disk was lost' },
      resumedAt: '2026-03-02T09:00:00.000Z',
      faults: ['record 0:3 or what follows was changed; 1 commit behind it does not count'],
    },
  ])
})

test('a commit that leaves a sum behind in a currency is a fault, though its chain holds', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.open('usd', { currency: 'USD' }), ledger.pay([['cash', 'usd', 5]]))
  assert.equal(found.voids.chain_broken, 0)
  assert.deepEqual(
    found.faults.map(({ code, seq }) => [code, seq]),
    [
      ['not_allowed', 4],
      ['unbalanced_commit', 4],
      ['unbalanced_commit', 4],
    ],
  )
  assert.deepEqual(found.sums, [
    { currency: 'EUR', amount: '-5' },
    { currency: 'USD', amount: '5' },
  ])
})

test('a commit that moves money on an account that was never opened is a fault', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.pay([['cash', 'nobody', 5]]))
  assert.match(linesOf(found).join(), /not_allowed.*unbalanced_commit.*nobody, which was never opened/)
})

test('a balance that was edited shows by the payment that it let through', async () => {
  const { ledger, book } = openBook()
  const found = await verify(...book, ledger.pay([['ada', 'cash', 5_000_000_00]]))
  assert.match(linesOf(found)[0] ?? '', /^not_allowed 3 .*insufficient_funds: ada has 0.00 EUR available/)
})

describe('a log is compared with what it was verified to', () => {
  const { ledger, book } = openBook()
  const paid = [ledger.pay([['cash', 'ada', 5]]), ledger.pay([['cash', 'ada', 6]]), ledger.heartbeat()]
  const [first = ledger.claim(), second = ledger.claim()] = paid
  const at = '2026-03-02T08:00:00.000Z'
  const keptOf = async () => ({ at, fold: (await verifyWith(undefined, ...book, ...paid)).fold })
  const after = async (...records: readonly NewRecord[]) => {
    const { verification } = await verifyWith(await keptOf(), ...records)
    return verification
  }

  test('and leads there, and on', async () => {
    const found = await after(...book, ...paid, ledger.pay([['cash', 'ada', 7]]))
    assert.deepEqual([linesOf(found), found.comparedWith], [[], { at, position: '0:4' }])
  })
  test('and ends before', async () => {
    assert.deepEqual(linesOf(await after(...book, first)), [
      `log_truncated 3 the log counts up to 0:3, before 0:4 that was verified on ${at}`,
    ])
    assert.deepEqual(linesOf(await after(...book, first, second)), [
      `log_truncated 4 the log ends 1 record before its end of ${at}; no commit is missing`,
    ])
  })
  test('and is empty, or of another ledger', async () => {
    assert.deepEqual(linesOf(await after()), [`log_empty 0 the log is empty, and held 0:4 that was verified on ${at}`])
    const other = createLedger(0, 1, { ledgerId: 'other' })
    assert.match(linesOf(await after(other.genesis(), other.claim()))[0] ?? '', /wrong_ledger.*other/)
  })
  test('and was written anew, with a chain that fits', async () => {
    const anew = openBook()
    const [one, two] = [anew.ledger.pay([['cash', 'ada', 9]]), anew.ledger.pay([['cash', 'ada', 6]])]
    assert.deepEqual(linesOf(await after(...anew.book, one, two, anew.ledger.heartbeat())), [
      `record_changed 4 the log differs from 0:4 that was verified on ${at}: it has another hash there`,
    ])
  })
  test('and a person has accepted that it does not lead there', async () => {
    const { fold } = await verifyWith(undefined, ...book, first)
    assert.deepEqual(linesOf(await after(...book, first, resumeOf(fold, 5_000))), [])
    assert.match(linesOf(await after(...book, first, resumeOf(fold, 4)))[0] ?? '', /record_changed/)
  })
})

test('an empty log has no hash and no fault', async () => {
  const found = await verify()
  assert.deepEqual([found.records, found.hash, found.ledgerId, found.sound], [0, '', null, true])
})
