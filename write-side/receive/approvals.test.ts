import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION, generations } from '@micropay/schemas/log/generations'
import { givenBy, refusedIn } from '@micropay/schemas/log/given'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { verifyPartition } from '../verify/verify-partition.ts'
import { buildCommandApp } from './build-app.ts'

const operator = 'operator:olga accounts:manage payments:book policies:set'
const ada = 'customer:ada payments:make'
const otto = 'operator:otto approvals:decide'
const given = { actor: 'customer:ada', client: 'test', approvedBy: 'operator:otto' }
const told = generations.findIndex(({ events }) => events.CommandApproved === 2) + 1

async function verifyToken(authorization = ''): Promise<Caller> {
  const [subject = '', ...scopes] = authorization.split(' ')
  const who = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
  return { ...who, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
}

const balance = (code: string) =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
   <Dt><Dt>2026-03-01</Dt></Dt></Bal>`
const statement = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>S1</Id>
  <FrToDt><FrDtTm>2026-02-01</FrDtTm><ToDtTm>2026-03-01</ToDtTm></FrToDt>
  <Acct><Id><IBAN>NL68BANK0000000001</IBAN></Id><Ccy>EUR</Ccy></Acct>${balance('OPBD')}${balance('CLBD')}
  </Stmt></BkToCstmrStmt></Document>`

type Shop = Awaited<ReturnType<typeof openShop>>

/** Ada pays Ben, who has closed an account, too; payments need two persons. */
async function openShop(writeGeneration: number) {
  const eventLog = openMemoryLog(createMemoryStore())
  await eventLog.prepare(1)
  const owner: TestOwner = startOwner(eventLog, { writeGeneration })
  const log = createLogger('test', 'silent')
  const app: Http = await buildCommandApp({ owners: [owner], requestHashKey: 'a key', verifyToken, log })
  const post = (url: string, payload: object, key: string, authorization = operator) =>
    app.inject({ method: 'POST', url, payload, headers: { authorization, 'idempotency-key': key } })
  for (const [accountId, who] of [
    ['ada', 'ada'],
    ['ben', 'ben'],
    ['old', 'ben'],
  ]) {
    const account = { accountId, type: 'customer', owner: `customer:${who}`, currency: 'EUR', overdraftLimit: '900' }
    assert.equal((await post('/v1/accounts', account, `open-${accountId}`)).statusCode, 201)
  }
  assert.equal((await post('/v1/policies', { command: 'MakePayment', people: 2 }, 'policy')).statusCode, 201)
  return {
    ...{ eventLog, owner, app, post },
    async propose(to: string, key: string) {
      const posting = { from: 'ada', to, amount: '300', currency: 'EUR' }
      const proposed = await post('/v1/payments', { postings: [posting], reference: 'rent' }, key, ada)
      assert.equal(proposed.statusCode, 202, proposed.body)
      return ProposalDecided.parse(proposed.json())
    },
    approve: ({ proposalId, hash }: ProposalDecided, key: string, more: object = {}) =>
      post(`/v1/approvals/${proposalId}/approve`, { hash, ...more }, key, otto),
    async newest() {
      const { folded } = await foldToEnd(eventLog, 0)
      const last = folded.findLast((each) => each.kind === 'counted')
      assert.ok(last?.kind === 'counted')
      return last.commit
    },
  }
}

describe('an approval', () => {
  let shop: Shop
  before(async () => {
    shop = await openShop(EVENT_GENERATION)
  })
  after(() => stopOwner(shop.owner))

  test('says in the log whose command it approved', async () => {
    const proposal = await shop.propose('ben', 'rent')
    assert.equal((await shop.approve(proposal, 'yes')).statusCode, 201)
    const commit = await shop.newest()
    const data = { proposalId: proposal.proposalId, maker: { subject: 'customer:ada', client: 'test' } }
    assert.deepEqual(commit.events[0], { type: 'CommandApproved', version: 2, data })
    assert.deepEqual([commit.actor.subject, givenBy(commit)], ['operator:otto', given])
  })

  test('that is refused for what it approves keeps that and its maker, and tells the approver the cause', async () => {
    const proposal = await shop.propose('old', 'to-old')
    assert.equal((await shop.post('/v1/accounts/old/close', {}, 'close')).statusCode, 201)
    const refused = []
    for (const more of [{ dryRun: true }, {}, {}]) refused.push(await shop.approve(proposal, 'vain', more))
    for (const { statusCode, body } of refused) {
      const { code, cause, errors } = Problem.parse(JSON.parse(body))
      assert.deepEqual([statusCode, code, errors?.[0]?.pointer], [422, 'payee_not_payable', '/postings/0/to'])
      assert.deepEqual(cause, { code: 'account_closed', detail: 'old is closed for good: use another account' })
    }
    assert.deepEqual(
      refused.map(({ headers }) => headers['idempotent-replayed']),
      [undefined, undefined, 'true'],
    )
    const commit = await shop.newest()
    assert.deepEqual(givenBy(commit), given)
    const { type, data } = refusedIn(commit)
    assert.deepEqual([type, data.reference], ['MakePayment', 'rent'])
    assert.equal(commit.command.personal?.subject, 'customer:ada', 'what is said there is about its maker')
  })

  test('the giver of a command is not told the cause', async () => {
    const posting = { from: 'ada', to: 'old', amount: '300', currency: 'EUR' }
    const refused = await shop.post('/v1/payments', { postings: [posting] }, 'own', ada)
    const { code, cause } = Problem.parse(refused.json())
    assert.deepEqual([code, cause], ['payee_not_payable', undefined])
  })

  test('that is refused for itself keeps its request alone', async () => {
    const { proposalId, ...proposal } = await shop.propose('ben', 'again')
    const other = { ...proposal, proposalId, hash: 'h'.repeat(43) }
    assert.equal((await shop.approve(other, 'other')).json().code, 'proposal_changed')
    const commit = await shop.newest()
    assert.deepEqual(commit.command.personal?.data, { proposalId, hash: other.hash })
    assert.deepEqual([refusedIn(commit).type, givenBy(commit).actor], ['ApproveCommand', null])
  })

  test('of a statement in vain keeps its maker, and not its lines: they fill a record of their own', async () => {
    const of = { ...{ type: 'external', owner: 'house', currency: 'EUR', overdraftLimit: 'unlimited' } }
    await shop.post('/v1/accounts', { accountId: 'bank', ...of }, 'open-bank')
    await shop.post('/v1/policies', { command: 'ImportStatement', people: 2 }, 'two-import')
    const headers = { authorization: `${operator} reconciliation:operate`, 'content-type': 'application/xml' }
    const proposals = []
    for (const key of ['import', 'same']) {
      const given = { ...headers, 'idempotency-key': key }
      const url = '/v1/statements?account=bank'
      const proposed = await shop.app.inject({ method: 'POST', url, headers: given, payload: statement })
      assert.equal(proposed.statusCode, 202, proposed.body)
      proposals.push(ProposalDecided.parse(proposed.json()))
    }
    const answers = []
    for (const [index, proposal] of proposals.entries()) answers.push(await shop.approve(proposal, `import-${index}`))
    assert.deepEqual([answers[0]?.statusCode, answers[1]?.json().code], [201, 'statement_already_imported'])
    const commit = await shop.newest()
    assert.deepEqual(refusedIn(commit), { type: 'ImportStatement', data: {} })
    assert.equal(givenBy(commit).actor, 'operator:olga')
  })

  test('stands in a log that verifies', async () => {
    const options = { clock: systemClock, signal: AbortSignal.timeout(20_000) }
    const { verification } = await verifyPartition(shop.eventLog, 0, options)
    assert.deepEqual([verification.sound, verification.faults], [true, []])
  })
})

test('before the generation that has words for it, an approval is as it was', async () => {
  const shop = await openShop(told - 1)
  const proposal = await shop.propose('ben', 'rent')
  const inVain = await shop.propose('old', 'to-old')
  assert.equal((await shop.approve(proposal, 'yes')).statusCode, 201)
  const commit = await shop.newest()
  assert.deepEqual(commit.events[0]?.data, { proposalId: proposal.proposalId })
  assert.deepEqual(givenBy(commit), { ...given, actor: null, client: null })
  await shop.post('/v1/accounts/old/close', {}, 'close')
  assert.equal((await shop.approve(inVain, 'no')).json().code, 'payee_not_payable')
  const { proposalId, hash } = inVain
  assert.deepEqual((await shop.newest()).command.personal?.data, { proposalId, hash })
  const options = { clock: systemClock, signal: AbortSignal.timeout(20_000) }
  const { verification } = await verifyPartition(shop.eventLog, 0, options)
  assert.deepEqual([verification.sound, verification.faults], [true, []])
  await stopOwner(shop.owner)
})
