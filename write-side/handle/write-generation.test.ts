import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { firstHash } from '@micropay/event-log/fold'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createLogger } from '@micropay/runtime/logger'
import { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import {
  ACCOUNT_KEY_GENERATION,
  EVENT_GENERATION,
  type Generations,
  generations,
} from '@micropay/schemas/log/generations'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { createLedgerState } from '../state/ledger-state.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import { draftBatch } from './group-commit.ts'
import {
  ledgerId,
  opening,
  openState,
  paying,
  requestFor,
  startOwner,
  stopOwner,
  type TestOwner,
} from './owner.fixture.ts'
import { generationToClaim } from './write-generation.ts'

/** What if saved payees, and payments beyond what is there, came with the generation after this code's newest? */
const next = EVENT_GENERATION + 1
const [first, ...rest] = generations
const { PayeeSaved: _, ...eventsBefore } = first?.events ?? {}
const table: Generations = [
  { events: eventsBefore, commands: [], rejections: [] },
  ...rest,
  { events: { PayeeSaved: 1 }, commands: [], rejections: ['insufficient_funds'] },
]

const payee = { owner: OwnerId.parse('customer:ada'), alias: 'Ben', accountId: AccountId.parse('ben') }
const saving = (more: Partial<CommandRequest> = {}) =>
  requestFor({ type: 'SavePayee', data: payee }, 'save', {
    ...more,
    actor: { subject: 'customer:ada', client: 'test' },
  })

/** What a batch leads to in a partition that is written in a generation: by the key, what is drafted or answered. */
async function drafted(context: TestContext, generation: number, requests: readonly CommandRequest[], of = table) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-generation-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const { store } = await openState(directory)
  context.after(() => store.close())
  const state = createLedgerState(store, 0, createLogger('test', 'silent'))
  const written = { ...state, fold: { ...state.fold, hash: firstHash(ledgerId, 0), epoch: 1, generation } }
  const bugs: unknown[] = []
  const entries = requests.map((request) => ({ request }))
  const at = '2026-03-01T09:00:00.000Z'
  const onBug = (error: unknown) => bugs.push(error)
  const { drafts, settled } = draftBatch(
    entries,
    written,
    { ledgerId, partition: 0 },
    at,
    onBug,
    of ? { table: of } : {},
  )
  assert.deepEqual(bugs, [])
  return {
    drafts: drafts.map(({ entry, record }) => {
      const decoded = decodeRecord(record.value)
      assert.ok(decoded.kind === 'commit')
      return `${decoded.commit.seq} ${entry.request.idempotencyKey} ${decoded.commit.outcome.kind}`
    }),
    settled: settled.map(({ entry, result }) => `${entry.request.idempotencyKey} ${codeOf(result)}`),
  }
}

const codeOf = (result: CommandResult) => (result.kind === 'refused' ? result.code : result.kind)

test('what came with a later generation than was announced is refused, and all else is written', async (context) => {
  const batch = [opening('ada', 'ada', '100'), opening('ben', 'ben'), saving(), paying('pay', 'ada', 'ben', '5')]
  const before = await drafted(context, next - 1, batch)
  assert.deepEqual(before, {
    drafts: ['1 ada accepted', '2 ben accepted', '3 pay accepted'],
    settled: ['save generation_not_raised'],
  })
})

test('once it is announced all is written', async (context) => {
  const batch = [opening('ada', 'ada', '100'), opening('ben', 'ben'), saving()]
  const { drafts, settled } = await drafted(context, next, batch)
  assert.deepEqual(
    { drafts, settled },
    { drafts: ['1 ada accepted', '2 ben accepted', '3 save accepted'], settled: [] },
  )
})

test('who only tries a command is told the same', async (context) => {
  const later: Generations = [...generations, { events: {}, commands: ['OpenAccount'], rejections: ['payee_exists'] }]
  const tried = [{ ...opening('ada', 'ada'), dryRun: true }]
  assert.deepEqual((await drafted(context, next - 1, tried, later)).settled, ['ada generation_not_raised'])
  assert.deepEqual((await drafted(context, next, tried, later)).settled, ['ada accepted'])
})

test('nor is a refusal written for a reason that came later', async (context) => {
  const batch = [opening('ada', 'ada', '0'), opening('ben', 'ben'), paying('pay', 'ada', 'ben', '5')]
  const before = await drafted(context, next - 1, batch)
  assert.deepEqual(before, { drafts: ['1 ada accepted', '2 ben accepted'], settled: ['pay generation_not_raised'] })
  assert.deepEqual((await drafted(context, next, batch)).drafts[2], '3 pay rejected')
})

test('nor is a command that came later, where it is refused for a reason of before', async (context) => {
  const later: Generations = [...generations, { events: {}, commands: ['MakePayment'], rejections: [] }]
  const batch = [opening('ada', 'ada', '0'), opening('ben', 'ben'), paying('pay', 'ada', 'ben', '5')]
  const before = await drafted(context, next - 1, batch, later)
  assert.deepEqual(before, { drafts: ['1 ada accepted', '2 ben accepted'], settled: ['pay generation_not_raised'] })
})

test('a new partition begins in the newest generation, an old one stays in its own until it is raised', () => {
  assert.equal(generationToClaim({ epoch: 0, generation: 0 }, undefined, 3), 3)
  assert.equal(generationToClaim({ epoch: 0, generation: 0 }, 2, 3), 2)
  assert.equal(generationToClaim({ epoch: 7, generation: 2 }, undefined, 3), 2)
  assert.equal(generationToClaim({ epoch: 7, generation: 2 }, 3, 3), 3)
  assert.equal(generationToClaim({ epoch: 7, generation: 2 }, 1, 3), 2, 'it is never lowered')
  assert.equal(generationToClaim({ epoch: 7, generation: 0 }, undefined, 3), 1, 'earlier code kept none')
})

test('an id of another tenant is free once the ledger is raised, and who was refused before stays so', async () => {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  const before = startOwner(log, { writeGeneration: ACCOUNT_KEY_GENERATION - 1 })
  const asked = { ...opening('ada', 'squatted'), tenant: 'other' }
  await before.submit(opening('ada'))
  const said = async (owner: TestOwner, request: CommandRequest) => {
    const result = await owner.submit(request)
    return result.kind === 'rejected' ? result.rejection.code : codeOf(result)
  }
  assert.equal(await said(before, asked), 'account_exists')
  await stopOwner(before)
  const raised = startOwner(log, { writeGeneration: ACCOUNT_KEY_GENERATION })
  assert.equal(await said(raised, asked), 'account_exists', 'its key has its answer')
  assert.equal(await said(raised, { ...asked, idempotencyKey: 'again' }), 'accepted')
  assert.equal(await said(raised, { ...opening('ada'), idempotencyKey: 'twice' }), 'account_exists')
  await stopOwner(raised)
})

test('a claim announces it, and the status of the worker says it', async () => {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  const owner = startOwner(log)
  await owner.submit(opening('ada'))
  assert.equal(owner.status().generation, EVENT_GENERATION)
  await stopOwner(owner)
  const { state } = await foldToEnd(log, 0)
  assert.equal(state.generation, EVENT_GENERATION)
})
