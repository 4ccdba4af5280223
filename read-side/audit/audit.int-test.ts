import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { AuditAccessPage, RecordView, VerifyLine } from '@micropay/schemas/api/audit'
import { Problem } from '@micropay/schemas/api/problem'
import { ReplayPage, ReplayStep } from '@micropay/schemas/api/replay'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

let audit: AuditFixture
beforeEach(async () => {
  audit = await startAudit()
})
afterEach(() => audit.close())

const replayPath = (accountId: string) => `/v1/audit/accounts/${accountId}/replay`

/** Offsets 0 to 6: genesis, claim, two accounts, a deposit, a refusal, a freeze. */
async function writeBook(): Promise<void> {
  const { ledger } = audit
  await audit.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
    ledger.open('ada'),
    ledger.pay([['cash', 'ada', 1050]], { kind: 'deposit', reference: 'Desk' }),
    ledger.refuse({ postings: [{ from: 'ada', to: 'cash', amount: '9999', currency: 'EUR' }] }),
    ledger.freeze('ada'),
  )
}

async function verify(partition = 0) {
  const answer = await audit.get(`/v1/audit/partitions/${partition}/verify`)
  assert.equal(answer.statusCode, 200, answer.body)
  const lines = answer.body.trimEnd().split('\n')
  const line = VerifyLine.parse(JSON.parse(lines.at(-1) ?? ''))
  assert.ok('result' in line, answer.body)
  return line.result
}

test('a replay steps through all that happened to an account, in order, with the balance after each', async () => {
  await writeBook()
  const page = ReplayPage.parse((await audit.get(replayPath('ada'))).json())
  assert.deepEqual(
    page.items.map(({ step, position, event, amount, balanceAfter, status }) => [
      step,
      position,
      event,
      amount,
      balanceAfter,
      status,
    ]),
    [
      [1, '0:2', 'AccountOpened', null, '0', 'open'],
      [2, '0:3', 'PaymentPosted', '1050', '1050', 'open'],
      [3, '0:4', 'Refused', null, '1050', 'open'],
      [4, '0:5', 'AccountFrozen', null, '1050', 'frozen'],
    ],
  )
  assert.equal(page.items[2]?.refusal?.code, 'insufficient_funds')
  assert.equal(page.items[1]?.reference, 'Desk')
  assert.equal(page.next, null)
  assert.equal(page.broken, null)
})

test('pages of a replay go on with the balance of the page before, and from begins at a step', async () => {
  await writeBook()
  await audit.append(...Array.from({ length: 40 }, () => audit.ledger.pay([['cash', 'ada', 1]])))
  const whole = ReplayPage.parse((await audit.get(`${replayPath('ada')}?limit=500`)).json())
  assert.equal(whole.items.length, 44)
  assert.equal(whole.items.at(-1)?.balanceAfter, '1090')
  const paged: ReplayStep[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const path = `${replayPath('ada')}?limit=7${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
    const page: ReplayPage = ReplayPage.parse((await audit.get(path)).json())
    paged.push(...page.items)
    cursor = page.next
  }
  assert.deepEqual(paged, whole.items)
  const late = ReplayPage.parse((await audit.get(`${replayPath('ada')}?from=40&limit=3`)).json())
  assert.deepEqual(late.items, whole.items.slice(39, 42))
  assert.equal((await audit.get(`${replayPath('ada')}?cursor=forged.cursor`)).statusCode, 400)
})

test('with application/x-ndjson a replay streams every step, a line each', async () => {
  await writeBook()
  await audit.append(...Array.from({ length: 3_000 }, () => audit.ledger.pay([['cash', 'ada', 1]])))
  const answer = await audit.get(replayPath('ada'), 'vera', { accept: 'application/x-ndjson' })
  const steps = answer.body
    .trimEnd()
    .split('\n')
    .map((line) => ReplayStep.parse(JSON.parse(line)))
  assert.equal(steps.length, 3_004)
  assert.equal(steps.at(-1)?.balanceAfter, '4050')
})

test('a replay ends at a record that was changed after it was indexed, and says where', async () => {
  await writeBook()
  await audit.get(replayPath('ada'))
  audit.tamper(4, (text) => text.replace('"1050"', '"9050"'))
  const page = ReplayPage.parse((await audit.get(replayPath('ada'))).json())
  assert.deepEqual(
    page.items.map(({ step }) => step),
    [1],
  )
  assert.equal(page.broken?.position, '0:3')
  assert.match(page.broken?.detail ?? '', /was changed/)
})

test('a record is shown byte for byte, with the worker that wrote it and its links checked', async () => {
  await writeBook()
  const view = RecordView.parse((await audit.get('/v1/audit/payments/pay-0-3')).json())
  assert.equal(view.position, '0:3')
  assert.equal(view.decided?.actor.subject, 'customer:ada')
  assert.equal(view.claim?.ownerId, 'owner')
  assert.equal(
    view.record?.sha256,
    createHash('sha256')
      .update(view.record?.text ?? '')
      .digest('hex'),
  )
  assert.deepEqual(
    view.record?.checks.map(({ name, passed }) => [name, passed]),
    [
      ['bytes', true],
      ['previous', true],
    ],
  )
  const first = RecordView.parse((await audit.get('/v1/audit/records/0/1')).json())
  assert.deepEqual(
    first.record?.checks.map(({ passed }) => passed),
    [true, true],
  )
})

test('a record that was changed fails its check, and stays to be seen', async () => {
  await writeBook()
  await audit.get('/v1/audit/records/0/3')
  audit.tamper(4, (text) => text.replace('Desk', 'Disk'))
  const view = RecordView.parse((await audit.get('/v1/audit/payments/pay-0-3')).json())
  assert.match(view.record?.text ?? '', /Disk/)
  assert.equal(view.record?.checks.find(({ name }) => name === 'bytes')?.passed, false)
})

test('what a deposed worker wrote stands beside the record that counts, with the reason, and in no replay', async () => {
  const { ledger } = audit
  const genesis = ledger.genesis()
  const claim = ledger.claim()
  const opened = [ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')]
  const zombie = ledger.pay([['cash', 'ada', 7]])
  await audit.append(genesis, claim, ...opened, ledger.claim(), zombie)
  const view = await waitForVoid()
  assert.equal(view.record, null)
  assert.deepEqual(
    view.voids.map(({ counts, reason, epoch, seq }) => [counts, reason, epoch, seq]),
    [[false, 'stale_epoch', 1, 3]],
  )
  const { verification } = await verify()
  assert.equal(verification.voids.stale_epoch, 1)
  assert.equal(verification.sound, true)
  assert.deepEqual(verification.voided, [{ reason: 'stale_epoch', epoch: 1, seq: 3 }])
  const page = ReplayPage.parse((await audit.get(replayPath('ada'), 'vera', { 'at-least': '0:2' })).json())
  assert.deepEqual(
    page.items.map(({ balanceAfter }) => balanceAfter),
    ['0'],
  )
})

async function waitForVoid(): Promise<RecordView> {
  for (;;) {
    const answer = await audit.get('/v1/audit/records/0/3', 'vera', { 'at-least': '0:2' })
    if (answer.statusCode === 200) return RecordView.parse(answer.json())
  }
}

test('a verification counts every record, and agrees with the index', async () => {
  await writeBook()
  await audit.append(audit.ledger.heartbeat())
  await audit.get('/v1/audit/records/0/5')
  const { verification, index } = await verify()
  const { records, commits, claims, heartbeats, seq, sums, accounts, faultCount } = verification
  assert.deepEqual(
    { records, commits, claims, heartbeats, seq, sums, accounts, faultCount },
    {
      records: 8,
      commits: 5,
      claims: 1,
      heartbeats: 1,
      seq: 5,
      sums: [{ currency: 'EUR', amount: '0' }],
      accounts: 2,
      faultCount: 0,
    },
  )
  assert.equal(index?.agrees, true)
  assert.equal(index?.hash, verification.hash)
})

test('a verification of a changed log finds the broken chain and disagrees with the index', async () => {
  await writeBook()
  await audit.get('/v1/audit/records/0/5')
  audit.tamper(4, (text) => text.replaceAll('1050"', '9050"'))
  const { verification, index } = await verify()
  assert.equal(verification.sound, false)
  assert.equal(verification.voids.chain_broken, 2)
  assert.deepEqual(
    verification.faults.map(({ detail }) => detail),
    ['record 0:3 or what follows was changed; 2 commits behind it do not count'],
  )
  assert.equal(index?.agrees, false)
})

test('every use is written down before its answer, cannot be changed or deleted, and is for its own tenant', async () => {
  await writeBook()
  await audit.get('/v1/audit/records/0/3')
  await audit.get('/v1/audit/records/0/3', 'olga')
  await audit.get('/v1/audit/accounts/nobody/replay')
  const page = AuditAccessPage.parse((await audit.get('/v1/audit/accesses')).json())
  assert.deepEqual(
    page.items.map(({ subject, request }) => `${subject} ${request}`),
    [
      'auditor:vera GET /v1/audit/accesses',
      'auditor:vera GET /v1/audit/accounts/nobody/replay',
      'auditor:vera GET /v1/audit/records/0/3',
    ],
  )
  await assert.rejects(audit.pool.query('delete from audit.access'), /append-only/)
  await assert.rejects(audit.pool.query(`update audit.access set subject = 'nobody'`), /append-only/)
  await assert.rejects(audit.pool.query('truncate audit.access'), /append-only/)
})

test('the access log is searched by who and what, in which nothing is a wildcard, and is a file too', async () => {
  await writeBook()
  await audit.get('/v1/audit/records/0/3')
  await audit.get('/v1/audit/accounts/nobody/replay')
  const found = async (query: string) => {
    const { items } = AuditAccessPage.parse((await audit.get(`/v1/audit/accesses?${query}`)).json())
    return items.map(({ request }) => request).filter((request) => !request.includes('accesses'))
  }
  assert.deepEqual(await found('text=RECORDS'), ['GET /v1/audit/records/0/3'])
  assert.deepEqual(await found('text=%25%25'), [])
  assert.deepEqual(await found('subject=auditor:vera'), [
    'GET /v1/audit/accounts/nobody/replay',
    'GET /v1/audit/records/0/3',
  ])
  assert.deepEqual(await found('subject=auditor:ver'), [])
  const file = await audit.get('/v1/audit/accesses?format=csv&text=records/0')
  assert.match(file.body, /^at,subject,client,request\r\n.*auditor:vera,.*\r\n/)
})

test('pages of the access log hold each use once, newest first, beyond the tenth and the hundredth', async () => {
  await writeBook()
  await audit.pool.query(
    `insert into audit.access (tenant, subject, client, request)
     select 'acme', 'auditor:many', 'tests', 'GET /use/' || use from generate_series(1, 120) as use`,
  )
  const uses: number[] = []
  let cursor = ''
  do {
    const path = `/v1/audit/accesses?subject=auditor:many&limit=50${cursor}`
    const page = AuditAccessPage.parse((await audit.get(path)).json())
    uses.push(...page.items.map(({ request }) => Number(request.replace('GET /use/', ''))))
    cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
  } while (cursor !== '')
  assert.deepEqual(
    uses,
    Array.from({ length: 120 }, (_, index) => 120 - index),
  )
})

test('a file of the access log looks no further than so many uses, and says so', async () => {
  await writeBook()
  await audit.pool.query(
    `insert into audit.access (tenant, subject, client, request)
     select 'acme', 'auditor:many', 'tests', 'GET /many' from generate_series(1, 400001)`,
  )
  const far = await audit.get('/v1/audit/accesses?format=csv&text=nowhere')
  assert.equal(far.statusCode, 400)
  assert.match(Problem.parse(far.json()).detail, /^the newest 400000 uses were looked at/)
})

test('a search of a tenant with few uses reads its own alone', async () => {
  const { rows } = await audit.pool.query(
    `select 1 from pg_indexes where schemaname = 'audit' and indexdef like '%(tenant, id)'`,
  )
  assert.equal(rows.length, 1)
})

test('what another tenant was refused with an account of the same id is no part of its history', async () => {
  const { ledger } = audit
  const posting = { from: 'ada', to: 'cash', amount: '1', currency: 'EUR' }
  await writeBook()
  await audit.append(ledger.refuse({ postings: [posting] }, { tenant: 'other' }), ledger.unfreeze('ada'))
  const { items } = ReplayPage.parse((await audit.get(replayPath('ada'))).json())
  assert.deepEqual(items.map(({ step, event }) => [step, event]).slice(3), [
    [4, 'AccountFrozen'],
    [5, 'AccountUnfrozen'],
  ])
})

test('without a trace there is no answer', async () => {
  await writeBook()
  await audit.get('/v1/audit/records/0/3')
  await audit.pool.query('alter table audit.access rename to elsewhere')
  assert.equal((await audit.get('/v1/audit/records/0/3')).statusCode, 500)
})

test('what is no step, sequence, partition or cursor is a 400 that says what is expected', async () => {
  await writeBook()
  for (const [path, expected] of [
    [`${replayPath('ada')}?from=0`, /a step: a whole number from 1 on/],
    [`${replayPath('ada')}?from=99999999999999999999`, /a step: a whole number from 1 on/],
    [`${replayPath('ada')}?from=2&cursor=a.b`, /give cursor or from/],
    [`${replayPath('ada')}?cursor=${'a'.repeat(1_001)}`, /not one of this list: start again without cursor/],
    [`${replayPath('ada')}?cursor=WyJhIl0.AAAAAAAAAAAAAAAAAAAAAA`, /not one of this list: start again without cursor/],
    ['/v1/audit/accesses?cursor=a.b', /not one of this list: start again without cursor/],
    ['/v1/audit/records/0/99999999999999999999', /a sequence: a whole number from 1 on/],
    ['/v1/audit/records/1024/1', /a partition, from 0 to 1023/],
    ['/v1/audit/partitions/1024/verify', /a partition, from 0 to 1023/],
  ] as const) {
    const answer = await audit.get(path)
    assert.equal(answer.statusCode, 400, path)
    assert.match(Problem.parse(answer.json()).detail, expected, path)
  }
  const page = ReplayPage.parse((await audit.get(`${replayPath('ada')}?limit=1`)).json())
  const foreign = `${replayPath('cash')}?cursor=${encodeURIComponent(page.next ?? '')}`
  assert.equal((await audit.get(foreign)).statusCode, 400, 'a cursor of another account')
})

test('another tenant’s records do not exist, and who may not audit is refused', async () => {
  await writeBook()
  for (const path of ['/v1/audit/records/0/3', '/v1/audit/payments/pay-0-3', replayPath('ada')]) {
    assert.equal((await audit.get(path, 'olga')).statusCode, 404, path)
    assert.equal((await audit.get(path, 'ada')).statusCode, 403, path)
  }
  const missing = ['payments/pay-0-1', 'records/0/99', 'partitions/7/verify', 'records/7/1', 'payments/pay-7-1']
  for (const path of missing) assert.equal((await audit.get(`/v1/audit/${path}`)).statusCode, 404, path)
})
