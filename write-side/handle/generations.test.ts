import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { firstHash } from '@micropay/event-log/fold'
import { initialFold } from '@micropay/event-log/fold-state'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { MakePayment } from '@micropay/schemas/api/payment'
import { ACCOUNT_KEY_GENERATION, LEGS_GENERATION, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { readUsualPayment } from '@micropay/schemas/log/usual-payment'
import { createLedgerState } from '../state/ledger-state.ts'
import { createMemoryDisk } from '../state/memory/disk.ts'
import { openStateStore } from '../state/state-store.ts'
import type { CommandRequest } from './command.ts'
import { asked } from './first-generation.fixture.ts'
import { draftBatch } from './group-commit.ts'
import { opening, paying, requestFor } from './owner.fixture.ts'

const ledgerId = 'first-generation'

/** What a worker drafts in a new ledger whose claim announced that generation. */
async function draftIn(generation: number, requests: readonly CommandRequest[]) {
  const context = { ledgerId, partition: 0 }
  const { store } = await openStateStore(createMemoryDisk({ clock: systemClock }), context)
  const state = createLedgerState(store, 0, createLogger('test', 'silent'))
  state.skip({ ...initialFold(0), epoch: 1, generation, hash: firstHash(ledgerId, 0) })
  const entries = requests.map((request) => ({ request }))
  return draftBatch(entries, state, context, '2026-03-01T09:30:00.000Z', (error) => assert.fail(String(error)))
}

type Drafted = Awaited<ReturnType<typeof draftIn>>
const textsOf = ({ drafts }: Drafted) => drafts.map(({ record }) => new TextDecoder().decode(record.value))
const commitsOf = ({ drafts }: Drafted) =>
  drafts.map(({ record }) => {
    const read = decodeRecord(record.value)
    assert.ok(read.kind === 'commit')
    return read.commit
  })

function legs(key: string, more: Partial<CommandRequest> = {}): CommandRequest {
  const [one, two] = [
    { account: 'ada', amount: '-9', currency: 'EUR' },
    { account: 'ben', amount: '9', currency: 'EUR' },
  ]
  return requestFor({ type: 'MakePayment', data: MakePayment.parse({ legs: [one, two] }) }, key, more)
}

const opened = [opening('ada', 'k1', '100'), opening('ben', 'k2')]

describe('a ledger of the first generation', () => {
  test('is written byte for byte as the code before legs wrote it', async () => {
    const drafted = await draftIn(1, asked)
    const lines = drafted.drafts.map(({ record: { key, value } }) => `${key} ${Buffer.from(value)}`)
    const golden = readFileSync(new URL('fixtures/first-generation.txt', import.meta.url), 'utf8')
    assert.deepEqual(lines, golden.trimEnd().split('\n'))
    assert.deepEqual(drafted.settled, [])
  })

  test('has no words for legs, in a dry run neither: nothing is appended, and the key stays free', async () => {
    const then = paying('k3', 'ada', 'ben', '5')
    const drafted = await draftIn(1, [...opened, legs('k3'), legs('k4', { dryRun: true }), then])
    assert.deepEqual(
      drafted.settled.map(({ entry, result }) => [
        entry.request.idempotencyKey,
        result.kind === 'refused' && result.code,
        result.kind === 'refused' && /generation 1.*WRITE_GENERATION/.test(result.detail),
      ]),
      [
        ['k3', 'generation_not_raised', true],
        ['k4', 'generation_not_raised', true],
      ],
    )
    assert.deepEqual(
      commitsOf(drafted).map(({ seq, idempotencyKey }) => [seq, idempotencyKey]),
      [
        ...[
          [1, 'k1'],
          [2, 'k2'],
        ],
        [3, 'k3'],
      ],
    )
  })

  test('says so of legs whatever else speaks against them', async () => {
    const { settled } = await draftIn(1, [legs('k1')])
    assert.equal(settled[0]?.result.kind === 'refused' && settled[0].result.code, 'generation_not_raised')
  })
})

test('an id that another tenant has is taken until the generation that gives each tenant ids of its own', async () => {
  const ofOther = { ...opening('ada', 'k1', '100'), tenant: 'other' }
  const codesIn = async (generation: number) =>
    commitsOf(await draftIn(generation, [...opened, ofOther])).map(({ outcome }) =>
      outcome.kind === 'rejected' ? outcome.code : outcome.kind,
    )
  assert.deepEqual(await codesIn(ACCOUNT_KEY_GENERATION - 1), ['accepted', 'accepted', 'account_exists'])
  assert.deepEqual(await codesIn(ACCOUNT_KEY_GENERATION), ['accepted', 'accepted', 'accepted'])
})

describe('what a refused command asked for is kept', () => {
  const refused = [...opened, paying('k3', 'ada', 'ben', '101')]
  const data = { postings: [{ from: 'ada', to: 'ben', amount: '101', currency: 'EUR' }] }

  test('beside its type, before texts stand apart', async () => {
    for (const generation of [1, PERSONAL_GENERATION - 1]) {
      assert.deepEqual(commitsOf(await draftIn(generation, refused))[2]?.command, { type: 'MakePayment', data })
    }
  })

  test('apart from it, with whom it is about, from the one on that brought that', async () => {
    const personal = { subject: 'operator:olga', form: 'plain', data }
    assert.deepEqual(commitsOf(await draftIn(PERSONAL_GENERATION, refused))[2]?.command, {
      type: 'MakePayment',
      personal,
    })
  })
})

for (const [generation, version] of [
  [1, 1],
  [LEGS_GENERATION - 1, 1],
  [LEGS_GENERATION, 2],
] as const) {
  test(`the usual payment of generation ${generation} is written as it is read without JSON.parse`, async () => {
    const described = { reference: 'R-1', description: 'lunch', metadata: { purpose: 'food' } }
    const data = MakePayment.parse({
      postings: [{ from: 'ada', to: 'ben', amount: '5', currency: 'EUR' }],
      ...described,
    })
    const payments = [paying('k3', 'ada', 'ben', '5'), requestFor({ type: 'MakePayment', data }, 'k4')]
    const drafted = await draftIn(generation, [...opened, ...payments])
    const usual = textsOf(drafted)
      .slice(2)
      .map((text) => readUsualPayment(text))
    assert.equal(usual.length, 2)
    assert.deepEqual(usual, commitsOf(drafted).slice(2))
    assert.match(textsOf(drafted).slice(2).join(), new RegExp(`("version":${version}.*){2}`))
  })
}
