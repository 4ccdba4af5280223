import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceTable } from '@micropay/local/start/service-table'
import { testKafka } from '@micropay/local/stores/test-services'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { auditProjection } from '@micropay/projections/audit/projection'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { makeTestDatabase } from '@micropay/runtime/test-database.fixture'
import { upcast } from '@micropay/schemas/log/event-versions'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { Client } from 'pg'
import { z } from 'zod'
import { databaseAsText } from './database-text.ts'
import { type People, peopleOf, readAccesses, readFacts, send, verify } from './facts.ts'
import { type Facts, type KeptLedger, readKept } from './kept-ledger.ts'
import { oneMore } from './story.ts'
import { load, loadLogIntoKafka, startToday, type Today } from './today.fixture.ts'

/** A directory for each version of the code that a ledger was kept of: keep-ledger.ts makes them. */
const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

test('there are ledgers of versions before', () => {
  assert.deepEqual(
    ['227bbc2', 'd649652', '0cf634d'].filter((name) => !names.includes(name)),
    [],
  )
})

for (const name of names) {
  test(`what was kept of each database of ${name} makes the same database again`, async () => {
    const kept = await readKept(join(import.meta.dirname, name))
    for (const text of Object.values(kept.databases)) {
      await using database = await makeTestDatabase()
      const client = new Client({ connectionString: database.url })
      await client.connect()
      try {
        await client.query(text)
        assert.equal(await databaseAsText(client), text)
      } finally {
        await client.end()
      }
    }
  })

  test(`a ledger of ${name} goes on under this code: its state, its read models, its keys and its history`, {
    timeout: 120_000,
  }, async () => {
    const kept = await readKept(join(import.meta.dirname, name))
    const loaded = await load(kept)
    const today = await startToday(loaded)
    const people = peopleOf(today)
    try {
      await checkFacts(people, today, kept.facts)
      await checkAccesses(people, kept)
      await checkKeys(people, kept.facts)
      await checkFacts(people, today, kept.facts)
      await payOnceMore(people, today, kept)
      await today.stop()
      await checkLogs(today)
      await checkSaid(today, kept, loaded.stateDirectory)
    } finally {
      await people.close()
      await today.stop()
      await loaded.close()
    }
  })

  test(`a log of ${name} alone, in Kafka, leads to the same state and the same read models`, {
    timeout: 120_000,
  }, async () => {
    const kept = await readKept(join(import.meta.dirname, name))
    await using kafka = await testKafka()
    const loaded = await loadLogIntoKafka(kept, kafka)
    const today = await startToday(loaded)
    const people = peopleOf(today)
    try {
      await checkFacts(people, today, kept.facts)
      await checkKeys(people, kept.facts)
      await payOnceMore(people, today, kept)
      await checkLogs(today)
    } finally {
      await people.close()
      await today.stop()
      await loaded.close()
    }
  })
}

async function checkFacts(people: People, today: Today, facts: Facts): Promise<void> {
  assert.deepEqual(await verify(today), facts.verified)
  const paths = facts.read.map(({ as, path }) => [as, path] as const)
  const read = await readFacts(people, `0:${facts.verified.seq}`, paths)
  for (const [index, { path, answer }] of facts.read.entries()) {
    const expected = lifted(answer)
    assert.deepEqual(asFarAsKnown(read[index]?.answer, expected), expected, path)
  }
}

/** Of a record the audit shows what its bytes say in today's versions of events. */
function lifted(answer: unknown): unknown {
  const { success, data } = DecidedAnswer.safeParse(answer)
  if (!success) return answer
  const events = data.decided.events.map((event) => upcast(event))
  return { ...data, decided: { ...data.decided, events } }
}

const StoredEvents = z.array(z.object({ type: z.string(), version: z.int(), data: z.record(z.string(), z.unknown()) }))
const DecidedAnswer = z.looseObject({ decided: z.looseObject({ events: StoredEvents }) })

/** Answers may have more members than those that were given before, and everything that those had. */
function asFarAsKnown(answer: unknown, before: unknown): unknown {
  if (Array.isArray(answer) && Array.isArray(before))
    return answer.map((one, index) => asFarAsKnown(one, before[index]))
  if (!isObject(answer) || !isObject(before)) return answer
  const known = Object.keys(before).filter((name) => name in answer)
  return Object.fromEntries(known.map((name) => [name, asFarAsKnown(answer[name], before[name])]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function checkAccesses(people: People, { facts }: KeptLedger): Promise<void> {
  const { length } = facts.accesses
  const accesses = await readAccesses(people)
  assert.ok(length > 0 && accesses.length > length)
  assert.deepEqual(asFarAsKnown(accesses.slice(-length), facts.accesses), facts.accesses)
}

/** Everything that was sent before is sent again, and was decided already, but for what never came to be decided. */
async function checkKeys(people: People, { answered }: Facts): Promise<void> {
  const decided = answered.filter(({ position }) => position !== null)
  assert.ok(decided.length >= 10)
  for (const { as, path, headers, body, ...before } of decided) {
    const { status, position, answer, replayed } = await send(people, { as, path, headers, body })
    const now = { status, position, answer: asFarAsKnown(answer, before.answer) }
    assert.deepEqual({ replayed, ...now }, { replayed: true, ...before }, headers['idempotency-key'])
  }
}

/** One more payment is decided and seen, in the generation that `start` raises a ledger to. */
async function payOnceMore(people: People, today: Today, { facts }: KeptLedger): Promise<void> {
  const { verified } = facts
  const paid = await send(people, oneMore)
  const position = `0:${verified.seq + 1}`
  assert.deepEqual([paid.status, paid.position, paid.replayed], [201, position, false])
  const paths = [
    ['ada', '/v1/accounts/ada:main/entries?limit=1'],
    ['fiona', '/v1/trial-balance/ada:main/entries?limit=1'],
    ['vera', `/v1/audit/records/0/${verified.seq + 1}`],
  ] as const
  const read = await readFacts(people, position, paths)
  for (const { path, answer } of read) assert.match(JSON.stringify(answer), new RegExp(`"${position}".*777`), path)
  assert.equal(generationIn(JSON.stringify(read.at(-1)?.answer)), String(EVENT_GENERATION))
  const now = await verify(today)
  assert.deepEqual(
    { ...now, hash: '' },
    { ...verified, hash: '', seq: verified.seq + 1, commits: verified.commits + 1 },
  )
}

/** What a claim says of it, also inside the text of an answer. */
function generationIn(text: string): string | undefined {
  return /eventGeneration\\*":([0-9]+)/.exec(text)?.[1]
}

/** Nothing went wrong in any service. */
async function checkLogs(today: Today): Promise<void> {
  for (const { name } of serviceTable) {
    const errors = (await today.said(name)).filter(({ level }) => level >= 50)
    assert.deepEqual(errors, [], name)
  }
}

const projections = [accountsProjection, reconciliationProjection, auditProjection]

/** What could not be taken as it was is said, by each that found it. */
async function checkSaid(today: Today, kept: KeptLedger, home: string): Promise<void> {
  const says = async (service: string, what: RegExp) => (await today.said(service)).some(({ msg }) => what.test(msg))
  const isTaken = [...kept.state.keys()].every((path) => existsSync(join(home, path)))
  assert.equal(await says('write-side', /the state on disk is of other code: it is folded anew/), !isTaken)
  for (const { name, database } of serviceTable.filter((row) => row.kind === 'projection')) {
    const text = kept.databases[database]
    const version = projections.find(({ service }) => service === database)?.version
    const isOfNow = text.includes('fold jsonb') && text.includes(`"${database}_v${version}_`)
    assert.equal(await says(name, /the checkpoint is of earlier code: .* gone on from|rebuilt/), !isOfNow, name)
  }
}
