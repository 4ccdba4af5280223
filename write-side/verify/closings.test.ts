import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { verifyPartition } from './verify-partition.ts'

type Ledger = ReturnType<typeof createLedger>

async function verify(...records: readonly NewRecord[]) {
  const log = openMemoryLog(createMemoryStore())
  // Of a ledger of several it is the second one.
  const partition = new TextDecoder().decode(records[0]?.value).includes('"partition":1') ? 1 : 0
  await log.prepare(2)
  await (await log.openAppender(partition)).append(records)
  const { verification } = await verifyPartition(log, partition, {
    clock: systemClock,
    signal: AbortSignal.timeout(20_000),
  })
  const { faults, sealedOtherwise } = verification
  const periods = sealedOtherwise.map(({ tenant, periodId }) => `${periodId} of ${tenant}`)
  return { found: [...faults.map(({ code, seq }) => `${code} ${seq}`), ...periods], verification }
}

/** Ids whose bytes are in another order than a dictionary has them; some of them are another tenant's, too. */
function openBook(ledger: Ledger): NewRecord[] {
  const external = { type: 'external', overdraftLimit: 'unlimited' } as const
  return [
    ledger.genesis(),
    ledger.claim(),
    ledger.open('bank', external),
    ledger.open('Zoe'),
    ledger.open('ada'),
    ledger.open('usd', { ...external, currency: 'USD' }),
    ledger.open('till', { currency: 'USD' }),
    ledger.open('bank', { ...external, tenant: 'other' }),
    ledger.open('ada', { tenant: 'other' }),
  ]
}

const deposit = (effectiveAt: string) => ({ effectiveAt, kind: 'deposit', actor: 'operator:ben' }) as const
const digestOf = (text: string) => hash('sha256', text, 'base64url')

type Days = { readonly from?: string; readonly through: string; readonly before: string; readonly zone?: string }

function close(ledger: Ledger, days: Days, digest: string, tenant = 'acme'): NewRecord {
  const { seq } = ledger.position()
  const data = { periodId: `prd-0-${seq + 1}`, zone: 'UTC', ...days, seq, digest }
  return ledger.decide('ClosePeriod', [{ type: 'PeriodClosed', version: 1, data }], { tenant })
}

/** By one person, which a rule must allow. */
function reopen(ledger: Ledger, periodId: string): NewRecord[] {
  const rule = { policyId: `pol-0-${ledger.position().seq + 1}`, rule: { command: 'ReopenPeriod', people: 1 } }
  const personal = { form: 'plain', data: { reason: 'a late invoice' } }
  return [
    ledger.decide('SetPolicy', [{ type: 'PolicySet', version: 1, data: rule }]),
    ledger.decide('ReopenPeriod', [{ type: 'PeriodReopened', version: 1, data: { periodId, personal } }]),
  ]
}

const untilTenth = { through: '2026-02-10', before: '2026-02-11T00:00:00.000Z' }
const untilTwentieth = { through: '2026-02-20', before: '2026-02-21T00:00:00.000Z' }
/** In the order of the ids' bytes, and without those that stand at 0. */
const sealedByTenth = digestOf('Zoe\tEUR\t5\nada\tEUR\t7\nbank\tEUR\t-12\ntill\tUSD\t3\nusd\tUSD\t-3\n')
const sealedByTwentieth = digestOf('Zoe\tEUR\t5\nbank\tEUR\t-5\ntill\tUSD\t3\nusd\tUSD\t-3\n')

/** Of three periods, in no order of their days, and of two tenants. */
const paid = (ledger: Ledger): NewRecord[] => [
  ledger.pay([['bank', 'ada', 100]], deposit('2026-02-11T00:00:00.000Z')),
  ledger.pay([['bank', 'Zoe', 5]], deposit('2026-02-10T23:59:59.999Z')),
  ledger.pay([['bank', 'ada', 7]], deposit('2026-02-10T23:00:00.000Z')),
  ledger.pay([['usd', 'till', 3, 'USD']], deposit('2026-01-01T00:00:00.000Z')),
  ledger.pay([['bank', 'ada', 1000]], deposit('2026-02-25T00:00:00.000Z')),
  ledger.pay([['bank', 'ada', 9]], { ...deposit('2026-02-01T00:00:00.000Z'), tenant: 'other' }),
]
const givenBack = (ledger: Ledger) => ledger.pay([['ada', 'bank', 107]], deposit('2026-02-11T00:00:00.000Z'))

test('a closing that seals what was booked up to it by value date is sound, and so is the next one', async () => {
  const ledger = createLedger()
  const closings = [
    ...[...openBook(ledger), ...paid(ledger), close(ledger, untilTenth, sealedByTenth), givenBack(ledger)],
    close(ledger, { from: '2026-02-11', ...untilTwentieth }, sealedByTwentieth),
    ledger.pay([['bank', 'ada', 1]], deposit('2026-02-26T00:00:00.000Z')),
  ]
  const { found, verification } = await verify(...closings)
  assert.deepEqual([found, verification.sound], [[], true])
})

test('a closing of other figures than were booked is told, those around it are not, and the log is sound', async () => {
  const ledger = createLedger()
  const { found, verification } = await verify(
    ...[...openBook(ledger), ...paid(ledger), close(ledger, untilTenth, sealedByTwentieth), givenBack(ledger)],
    close(ledger, { from: '2026-02-11', ...untilTwentieth }, sealedByTwentieth),
  )
  assert.deepEqual([found, verification.sound], [['prd-0-14 of acme'], true])
  const digests = { sealed: sealedByTwentieth, booked: sealedByTenth }
  assert.deepEqual(verification.sealedOtherwise, [
    { tenant: 'acme', periodId: 'prd-0-14', through: '2026-02-10', seq: 14, ...digests },
  ])
})

test('what others seal hides no fault of the log', async () => {
  const ledger = createLedger()
  const { found, verification } = await verify(
    ...[...openBook(ledger), ...paid(ledger), close(ledger, untilTenth, sealedByTenth)],
    close(ledger, untilTenth, digestOf('whatever'), 'nobody yet'),
    ledger.pay([['bank', 'Zoe', 50]], deposit('2026-02-02T00:00:00.000Z')),
  )
  assert.deepEqual([found, verification.sound], [['not_allowed 16', 'prd-0-15 of nobody yet'], false])
})

test('a closing that was reopened is not judged, and the one in its place is', async () => {
  const book = (digest: string) => {
    const ledger = createLedger()
    const begun = [...openBook(ledger), ...paid(ledger), close(ledger, untilTenth, digestOf('something else'))]
    const late = () => ledger.pay([['bank', 'Zoe', 50]], deposit('2026-02-02T00:00:00.000Z'))
    return [...begun, ...reopen(ledger, 'prd-0-14'), late(), close(ledger, untilTenth, digest)]
  }
  const withLate = digestOf('Zoe\tEUR\t55\nada\tEUR\t7\nbank\tEUR\t-62\ntill\tUSD\t3\nusd\tUSD\t-3\n')
  assert.deepEqual((await verify(...book(withLate))).found, [])
  assert.deepEqual((await verify(...book(sealedByTenth))).found, ['prd-0-18 of acme'])
})

test('what was booked into closed days against the rules is told, and the next closing seals it, too', async () => {
  const ledger = createLedger()
  const { found } = await verify(
    ...[...openBook(ledger), ...paid(ledger), close(ledger, untilTenth, sealedByTenth), givenBack(ledger)],
    ledger.pay([['bank', 'Zoe', 50]], deposit('2026-02-02T00:00:00.000Z')),
    close(
      ledger,
      { from: '2026-02-11', ...untilTwentieth },
      digestOf('Zoe\tEUR\t55\nbank\tEUR\t-55\ntill\tUSD\t3\nusd\tUSD\t-3\n'),
    ),
  )
  assert.deepEqual(found, ['not_allowed 16'])
})

test('days end where those of their zone do, and each tenant has its own', async () => {
  const ledger = createLedger()
  const zone = { zone: 'Europe/Amsterdam' }
  const setZone = () => ledger.decide('SetZone', [{ type: 'LedgerZoneSet', version: 1, data: zone }])
  const dollars = digestOf('till\tUSD\t3\nusd\tUSD\t-3\n')
  const { found } = await verify(
    ...[...openBook(ledger), setZone(), ...paid(ledger)],
    close(ledger, { through: '2025-12-31', before: '2025-12-31T23:00:00.000Z', ...zone }, digestOf('')),
    close(ledger, { from: '2026-01-01', through: '2026-02-10', before: '2026-02-10T23:00:00.000Z', ...zone }, dollars),
    close(ledger, untilTenth, digestOf('ada\tEUR\t9\nbank\tEUR\t-9\n'), 'other'),
  )
  assert.deepEqual(found, [])
})

test('a partition of several seals what its own accounts stand at', async () => {
  const [bank, ada] = [idOn(1, 2, 'bank'), idOn(1, 2, 'ada')]
  const own = digestOf([`${ada}\tEUR\t7\n`, `${bank}\tEUR\t-7\n`].sort().join(''))
  const sealed = async (digest: string, book: (ledger: Ledger) => NewRecord[] = () => []) => {
    const ledger = createLedger(1, 2)
    const records = [
      ...[ledger.genesis(), ledger.claim()],
      ledger.open(bank, { type: 'external', overdraftLimit: 'unlimited' }),
      ledger.open(ada),
      ledger.pay([[bank, ada, 7]], deposit('2026-02-10T23:00:00.000Z')),
      ledger.pay([[bank, ada, 100]], deposit('2026-02-11T00:00:00.000Z')),
    ]
    const seals = [
      { partition: 0, seq: 1, digest: digestOf('') },
      { partition: 1, seq: ledger.position().seq, digest },
    ]
    const data = { periodId: 'prd-0-2', zone: 'UTC', ...untilTenth, seq: 1, digest: digestOf('of both'), seals }
    const until = '2026-03-01T09:20:00.000Z'
    const take = (type: string, seq: number, taken: object): NewRecord => {
      const fact = { type, version: 1, data: { ...taken } }
      return ledger.step([fact], [{ partition: 0, seq, hash: 'h'.repeat(43) }], { type: 'TakeFact' })
    }
    const touched = { periodId: 'prd-0-2', touched: 3 }
    return verify(
      ...[...records, take('PeriodClosing', 2, { ...data, until }), ...book(ledger)],
      ledger.step([{ type: 'PeriodSealed', version: 1, data: touched }], [], { type: 'StepPeriod' }),
      take('PeriodClosed', 3, data),
    )
  }
  assert.deepEqual((await sealed(own)).found, [])
  assert.deepEqual((await sealed(sealedByTwentieth)).found, ['prd-0-2 of acme'])
  const late = (ledger: Ledger) => [ledger.pay([[bank, ada, 50]], deposit('2026-02-02T00:00:00.000Z'))]
  assert.match((await sealed(own, late)).found.join(), /^not_allowed 6/)
})
