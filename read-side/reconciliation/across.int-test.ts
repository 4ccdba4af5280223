import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DailyTotals, LedgerEntryPage, TrialBalance } from '@micropay/schemas/api/reconciliation'
import { ada, bank, cid, get, ledger, show, underWay } from './across.fixture.ts'

/** What accounts and transit stand at, and that both together are nothing. */
async function balance(query = '') {
  const { totals, underWay, items } = TrialBalance.parse((await get(`/v1/trial-balance${query}`)).json())
  let sum = 0n
  for (const { debit, credit } of [...totals, ...underWay]) sum += BigInt(credit) - BigInt(debit)
  assert.equal(sum, 0n, query)
  const told = items.map(({ accountId, debit, credit }) => `${accountId} ${BigInt(credit) - BigInt(debit)}`)
  return [
    ...told,
    ...underWay.map(({ partitions, debit, credit }) => `${partitions} ${BigInt(credit) - BigInt(debit)}`),
  ]
}

test('what left one partition and has not come to the other stands under way, with its age', async () => {
  const payment = ledger.begin(
    [
      [ada, -300],
      [bank, 300],
    ],
    { reference: 'INV-7', effectiveAt: '2026-02-03T09:00:00.000Z' },
  )
  payment.prepare(1)
  await show(0)
  assert.deepEqual(await balance(), [])
  const { payments, oldest, items } = await underWay()
  assert.deepEqual([payments, oldest], [1, '2026-03-01T09:00:01.000Z'])
  assert.deepEqual(items, [
    {
      ...{ paymentId: 'pay-0-2', position: '0:2', state: 'deciding', since: '2026-03-01T09:00:01.000Z' },
      ...{ deadline: '2026-03-01T09:01:00.000Z', partitions: [0, 1], reference: 'INV-7' },
      amounts: [{ currency: 'EUR', amount: '300' }],
    },
  ])
  payment.complete()
  payment.post(1)
  await show(0)
  assert.deepEqual(await balance(), [`${ada} -300`, '0,1 300'])
  assert.deepEqual(
    (await underWay()).items.map(({ state }) => state),
    ['posting'],
  )
  await show(1)
  assert.deepEqual(await balance(), [`${ada} -300`, `${bank} 300`])
  payment.end()
  await show(0)
  const { items: left, transit, oldest: none } = await underWay()
  assert.deepEqual([left, transit, none], [[], [], null])
})

test('the same stood under way at a position between, and never on a day, by which both count', async () => {
  assert.deepEqual(await balance('?position=0:3,1:1,2:1'), [`${ada} -300`, '0,1 300'])
  assert.deepEqual(await balance('?position=0:4,1:3,2:1'), [`${ada} -300`, `${bank} 300`])
  assert.deepEqual(await balance('?position=0:2,1:3,2:1'), [`${bank} 300`, '0,1 -300'])
  assert.deepEqual(await balance('?day=2026-02-02'), [])
  assert.deepEqual(await balance('?day=2026-02-03'), [`${ada} -300`, `${bank} 300`])
})

test('who was read first stands under way the other way round, and of a part of accounts nothing does', async () => {
  const payment = ledger.begin([
    [cid, -10],
    [ada, 10],
  ])
  payment.post(0, false)
  await show(0)
  assert.deepEqual(await balance(), [`${ada} -290`, `${bank} 300`, '0,2 -10'])
  assert.deepEqual(TrialBalance.parse((await get('/v1/trial-balance?text=ada')).json()).underWay, [])
  assert.deepEqual(TrialBalance.parse((await get('/v1/trial-balance?currency=USD')).json()).underWay, [])
  payment.complete(true)
  await show(2)
  assert.deepEqual(await balance(), [`${cid} -10`, `${ada} -290`, `${bank} 300`])
})

test('an entry says the reference and the other side, and both sides count on their day', async () => {
  const { items } = LedgerEntryPage.parse((await get(`/v1/trial-balance/${encodeURIComponent(bank)}/entries`)).json())
  assert.deepEqual(
    items.map(({ paymentId, counterparty, reference, amount }) => [paymentId, counterparty, reference, amount]),
    [['pay-0-2', ada, 'INV-7', '300']],
  )
  const daily = await get('/v1/daily-totals?from=2026-02-03&to=2026-02-03&by=none&zone=UTC')
  assert.deepEqual(
    DailyTotals.parse(daily.json()).items.map((each) => [each.in, each.out, each.entries]),
    [['300', '300', 2]],
  )
  assert.doesNotMatch((await get('/v1/trial-balance')).body, /transit/)
})

test('what is written off stands in suspense, and on its way no more; what is opened again is under way', async () => {
  const lost = ledger.begin(
    [
      [cid, -70],
      [bank, 70],
    ],
    { lostAt: 900_001 },
  )
  lost.post(1, false)
  await show(1)
  assert.deepEqual((await balance()).slice(-1), ['1,2 -70'])
  lost.writeOff(1)
  await show(1)
  assert.deepEqual(await balance(), ['suspense/1/EUR -70', `${cid} -10`, `${ada} -290`, `${bank} 370`])
  const entries = await get('/v1/trial-balance/suspense%2F1%2FEUR/entries')
  assert.deepEqual(
    LedgerEntryPage.parse(entries.json()).items.map(({ paymentId, amount }) => [paymentId, amount]),
    [['pay-2-900001', '-70']],
  )
  const again = ledger.begin([
    [ada, -5],
    [bank, 5],
  ])
  again.complete()
  again.end()
  again.reopen([1])
  await show(0)
  assert.deepEqual(
    (await underWay()).items.map(({ paymentId, state }) => [paymentId, state]),
    [[again.paymentId, 'posting']],
  )
  again.force(1, true)
  again.end()
  await show(1)
  await show(0)
  assert.deepEqual((await underWay()).items, [])
  assert.deepEqual((await balance())[0], 'suspense/1/EUR -65')
  // Staff settle it as they move any other money.
  ledger.write(1, ledger.ledgerOf(1).pay([[bank, 'suspense/1/EUR', 65]]))
  await show(1)
  assert.doesNotMatch((await get('/v1/trial-balance')).body, /suspense/)
})

test('who pays across partitions is counted by operation and purpose on both, and so is who gets it back', async () => {
  const [effectiveAt, day] = ['2026-02-05T09:00:00.000Z', 'from=2026-02-05&to=2026-02-05&zone=UTC']
  const totals = async (query: string) => {
    const { items } = DailyTotals.parse((await get(`/v1/daily-totals?${day}&${query}`)).json())
    return items.map((total) => `${total.group} +${total.in} -${total.out} ${total.entries}`)
  }
  const amounts = async (query: string) => {
    const url = `/v1/trial-balance/${encodeURIComponent(bank)}/entries?${query}`
    return LedgerEntryPage.parse((await get(url)).json()).items.map(({ amount }) => amount)
  }
  const rent = { metadata: { operation: 'rent', purpose: 'flat' }, effectiveAt }
  const pay = (legs: Parameters<typeof ledger.begin>[0], more = {}) => {
    const payment = ledger.begin(legs, { ...rent, ...more })
    payment.post(1, false)
    payment.complete(true)
    return payment
  }
  const { paymentId } = pay([
    [ada, -40],
    [bank, 40],
  ])
  ledger
    .begin(
      [
        [ada, -1],
        [bank, 1],
      ],
      rent,
    )
    .fail()
  await show(1)
  assert.deepEqual(await totals('by=operation'), [' +40 -0 1'])
  await show(0)
  assert.deepEqual(await totals('by=operation'), ['rent +40 -40 2'])
  assert.deepEqual(await totals('by=purpose&operation=rent'), ['flat +40 -40 2'])
  assert.deepEqual(await totals('by=account&operation=rent'), [`${ada} +0 -40 1`, `${bank} +40 -0 1`])
  assert.deepEqual(await totals('by=account&operation='), [])
  assert.deepEqual(await amounts('operation=rent'), ['40'])
  assert.equal((await amounts('operation=')).includes('40'), false)
  const back = [
    [ada, 15],
    [bank, -15],
  ] as const
  pay(back, { reverses: { paymentId, whole: false }, metadata: { operation: 'refund' } })
  await show(0)
  await show(1)
  assert.deepEqual(await totals('by=operation'), ['refund +15 -15 2', 'rent +40 -40 2'])
  assert.deepEqual(await totals('by=none'), [' +55 -55 4'])
})
