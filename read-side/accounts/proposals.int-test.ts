import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MOST_LISTED_BYTES, PolicyList, Proposal, ProposalPage } from '@micropay/schemas/api/approval'
import type { z } from 'zod'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
const hash = 'h'.repeat(43)
const [far, past] = ['2999-01-01T00:00:00.000Z', '2026-03-08T00:00:00.000Z']

before(async () => {
  side = await startReadSide()
  await side.append(side.ledger.genesis(), side.ledger.claim())
  side.project()
})
after(() => side.close())

/** The id of a proposal that somebody makes. */
async function propose(actor: string, command: string, data: object, expiresAt = far, tenant = 'acme') {
  const proposalId = `prp-0-${side.ledger.position().seq + 1}`
  const personal = { subject: actor, form: 'plain', data }
  const proposed = { proposalId, command: { type: command, hash }, mayBook: false, expiresAt, personal }
  const events = [{ type: 'CommandProposed', version: 1, data: proposed }]
  await side.append(side.ledger.decide('ReopenPeriod', events, { actor, tenant }))
  return proposalId
}

async function get(path: string, who: string) {
  const headers = { 'at-least': `0:${side.ledger.position().seq}`, prefer: 'wait=10' }
  return side.get(path, who, headers)
}
async function read<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  who = 'approver',
): Promise<z.infer<Schema>> {
  const answer = await get(path, who)
  assert.equal(answer.statusCode, 200, answer.body)
  return schema.parse(answer.json())
}
const listed = async (query: string, who = 'approver') =>
  (await read(`/v1/approvals${query}`, ProposalPage, who)).items.map(({ proposalId, status }) => [proposalId, status])

test('a proposal is told with all that was asked, to those who may decide it and to its maker', async () => {
  const data = { periodId: 'prd-0-1', reason: 'late' }
  const proposalId = await propose('customer:ada', 'ReopenPeriod', data)
  const proposal = await read(`/v1/approvals/${proposalId}`, Proposal)
  assert.deepEqual(proposal, {
    ...{ proposalId, status: 'open', command: 'ReopenPeriod', hash, data, maker: 'customer:ada', policyId: null },
    ...{ position: '0:1', proposedAt: '2026-03-01T09:00:00.000Z', expiresAt: far, decided: null },
  })
  assert.deepEqual(await read(`/v1/approvals/${proposalId}`, Proposal, 'maker'), proposal)
  assert.deepEqual(await read(`/v1/approvals/${proposalId}`, Proposal, 'auditor'), proposal)
  assert.equal((await get(`/v1/approvals/${proposalId}`, 'other-maker')).statusCode, 404)
  assert.equal((await get(`/v1/approvals/${proposalId}`, 'other-approver')).statusCode, 404)
  assert.equal((await get('/v1/approvals/prp-0-999', 'approver')).statusCode, 404)
  assert.equal((await get('/v1/approvals', 'finance')).statusCode, 403)
})

test('the open ones come first, then what is decided or lapsed, page by page; makers see their own', async () => {
  const refused = await propose('customer:ada', 'FreezeAccount', { accountId: 'a' })
  const approved = await propose('customer:bob', 'FreezeAccount', { accountId: 'b' })
  const lapsed = await propose('customer:bob', 'FreezeAccount', { accountId: 'c' }, past)
  const open = await propose('customer:bob', 'FreezeAccount', { accountId: 'd' })
  const personal = { form: 'plain', data: { reason: 'not now' } }
  await side.append(
    side.ledger.decide(
      'RefuseCommand',
      [{ type: 'CommandRefused', version: 1, data: { proposalId: refused, personal } }],
      { actor: 'finance:fay' },
    ),
    side.ledger.decide('ApproveCommand', [
      { type: 'CommandApproved', version: 2, data: { proposalId: approved } },
      { type: 'AccountOpened', version: 1, data: account },
    ]),
  )
  const all = [
    [open, 'open'],
    ['prp-0-1', 'open'],
    [approved, 'approved'],
    [refused, 'refused'],
    [lapsed, 'lapsed'],
  ]
  assert.deepEqual(await listed(''), all)
  const pages: unknown[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: ProposalPage = await read(`/v1/approvals?limit=1${cursor && `&cursor=${cursor}`}`, ProposalPage)
    pages.push(...page.items.map(({ proposalId, status }) => [proposalId, status]))
    cursor = page.next
  }
  assert.deepEqual(pages, all)
  for (const status of ['open', 'approved', 'refused', 'lapsed']) {
    const expected = all.filter(([, each]) => each === status)
    assert.deepEqual(await listed(`?status=${status}`), expected)
  }
  assert.deepEqual(await listed('', 'maker'), [
    ['prp-0-1', 'open'],
    [refused, 'refused'],
  ])
  assert.deepEqual(await listed('', 'auditor'), all)
  assert.deepEqual(await listed('', 'other-approver'), [])
  const { decided } = await read(`/v1/approvals/${refused}`, Proposal)
  assert.deepEqual([decided?.by, decided?.reason], ['finance:fay', 'not now'])
  const told = (await read(`/v1/approvals/${refused}`, Proposal, 'maker')).decided
  assert.deepEqual([told?.by, told?.reason], [undefined, 'not now'])
})

test('a limit that was approved is told with what it was until then, whatever it is later', async () => {
  const approve = (proposalId: string, data: object) =>
    side.append(
      side.ledger.decide('ApproveCommand', [
        { type: 'CommandApproved', version: 2, data: { proposalId } },
        { type: 'AccountChanged', version: 1, data: { accountId: 'b', ...data } },
      ]),
    )
  const change = async (data: object) => {
    const proposalId = await propose('customer:ada', 'ChangeAccount', { accountId: 'b', ...data })
    await approve(proposalId, data)
    return proposalId
  }
  const before = async (proposalId: string) =>
    (await read(`/v1/approvals/${proposalId}`, Proposal)).decided?.limitBefore
  const [raised, unlimited, moved] = [
    await change({ overdraftLimit: '500' }),
    await change({ overdraftLimit: 'unlimited' }),
    await change({ path: 'liabilities/others' }),
  ]
  const lowered = await change({ overdraftLimit: '7' })
  assert.deepEqual(await Promise.all([raised, unlimited, moved, lowered].map(before)), ['0', '500', null, 'unlimited'])
})

const account = { accountId: 'b', type: 'customer', currency: 'EUR', owner: 'customer:bob', overdraftLimit: '0' }

test('what changes an account or a period is found by its id, by whoever may see it', async () => {
  const change = { accountId: 'ada:main', overdraftLimit: '500' }
  const byAda = await propose('customer:ada', 'ChangeAccount', change)
  const lapsed = await propose('customer:bob', 'FreezeAccount', { accountId: 'ada:main' }, past)
  const byBob = await propose('customer:bob', 'CloseAccount', { accountId: 'ada:main' })
  await propose('customer:bob', 'SavePayee', { owner: 'customer:bob', alias: 'A', accountId: 'ada:main' })
  await propose('customer:bob', 'CloseAccount', { accountId: 'ada:main' }, far, 'other')
  const reopening = await propose('customer:bob', 'ReopenPeriod', { periodId: 'prd-0-7', reason: 'late' })
  assert.deepEqual(await listed('?about=ada:main'), [
    [byBob, 'open'],
    [byAda, 'open'],
    [lapsed, 'lapsed'],
  ])
  assert.deepEqual(await listed('?about=ada:main&status=open', 'maker'), [[byAda, 'open']])
  assert.deepEqual(await listed('?about=prd-0-7'), [[reopening, 'open']])
  const first = await read('/v1/approvals?about=ada:main&limit=1', ProposalPage)
  assert.deepEqual(await listed(`?about=ada:main&limit=1&cursor=${first.next}`), [[byAda, 'open']])
  assert.equal((await get(`/v1/approvals?cursor=${first.next}`, 'approver')).statusCode, 400)
})

test('policies are told as they stand: those that were set, and what holds by default', async () => {
  const twoOf = async (who = 'approver') => {
    const { items } = await read('/v1/policies', PolicyList, who)
    return items.flatMap(({ command, people, above }) => (people === 2 ? [[command, above]] : []))
  }
  const byDefault = [
    ['ReopenPeriod', null],
    ['WithdrawStatement', null],
  ]
  assert.deepEqual(await twoOf(), byDefault)
  assert.deepEqual(await twoOf('auditor'), byDefault)
  const rule = (command: string, people: number, above?: object) => {
    const policyId = `pol-0-${side.ledger.position().seq + 1}`
    const data = { policyId, rule: { command, people, ...(above ? { above } : {}) } }
    return side.ledger.decide('SetPolicy', [{ type: 'PolicySet', version: 1, data }])
  }
  const above = { amount: '100000', currency: 'EUR' }
  await side.append(rule('ReopenPeriod', 1), rule('MakePayment', 2), rule('MakePayment', 2, above))
  assert.deepEqual(await twoOf(), [
    ['MakePayment', above],
    ['WithdrawStatement', null],
  ])
  const policyId = `pol-0-${side.ledger.position().seq + 1}`
  const maker = { subject: 'finance:fiona', client: 'tests' }
  const events = [
    { type: 'CommandApproved', version: 2, data: { proposalId: 'prp-0-1', maker } },
    { type: 'PolicySet', version: 1, data: { policyId, rule: { command: 'SetPolicy', people: 2 } } },
  ]
  await side.append(side.ledger.decide('ApproveCommand', events, { actor: 'finance:frank' }))
  const { items } = await read('/v1/policies', PolicyList)
  const setBy = (command: string) => items.find((item) => item.command === command)?.set
  assert.deepEqual([setBy('SetPolicy')?.by, setBy('SetPolicy')?.approvedBy], ['finance:fiona', 'finance:frank'])
  assert.deepEqual([setBy('MakePayment')?.by, setBy('MakePayment')?.approvedBy], ['customer:ada', null])
  assert.deepEqual(await twoOf('other-approver'), byDefault)
})

test('the list leaves out what is large, and says so; the proposal alone has it', async () => {
  const withText = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) })
  for (const [bytes, isListed] of [
    [MOST_LISTED_BYTES, true],
    [MOST_LISTED_BYTES + 1, false],
  ] as const) {
    const proposalId = await propose('customer:ada', 'ImportStatement', withText(bytes))
    const { items } = await read('/v1/approvals', ProposalPage)
    const listed = items.find((item) => item.proposalId === proposalId)
    assert.deepEqual(listed?.data, isListed ? withText(bytes) : null)
    assert.deepEqual((await read(`/v1/approvals/${proposalId}`, Proposal)).data, withText(bytes))
  }
})
