import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { Claim, Commit, Genesis, Heartbeat, Resume } from './commit.ts'
import { currentVersions, UnknownEventError } from './event-versions.ts'
import {
  decodeRecord,
  encodeClaim,
  encodeCommit,
  encodeGenesis,
  encodeHeartbeat,
  encodeResume,
  MalformedRecordError,
  UnknownRecordError,
} from './ledger-record.ts'

/**
 * A record as it stands in a log, and what it decodes to today. Fixtures are never edited: logs hold such bytes for
 * ever. An event in a new version gets one more.
 */
const Fixture = z.object({
  bytes: z.string(),
  decoded: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('genesis'), genesis: Genesis }),
    z.object({ kind: z.literal('claim'), claim: Claim }),
    z.object({ kind: z.literal('resume'), resume: Resume }),
    z.object({ kind: z.literal('heartbeat'), heartbeat: Heartbeat }),
    z.object({ kind: z.literal('commit'), commit: Commit }),
  ]),
})
type Fixture = z.infer<typeof Fixture>

const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string().optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  data: z.looseObject({ events: z.array(z.looseObject({ type: z.string(), version: z.int() })).optional() }),
})

const folder = join(import.meta.dirname, 'fixtures')
const fixtures = readdirSync(folder).map((file) => ({
  name: file.replace('.json', ''),
  ...Fixture.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
}))

describe('the records of a log', () => {
  for (const { name, bytes, decoded } of fixtures) {
    test(`${name}: its bytes decode to what they always meant`, () => {
      assert.deepEqual(decodeRecord(new TextEncoder().encode(bytes)), decoded)
    })

    test(`${name}: encoding gives these very bytes`, (context) => {
      const envelope = Envelope.parse(JSON.parse(bytes))
      const versions = new Map(Object.entries(currentVersions))
      const isOld = envelope.data.events?.some(({ type, version }) => versions.get(type) !== version)
      if (isOld) return context.diagnostic('an old version: it is read, and never written again')
      assert.equal(new TextDecoder().decode(encode(decoded, envelope)), bytes)
    })
  }

  test('every kind of record, and every version of every event, has its bytes kept', () => {
    const kinds = new Set(fixtures.map(({ decoded }) => decoded.kind))
    assert.deepEqual([...kinds].sort(), ['claim', 'commit', 'genesis', 'heartbeat', 'resume'])
    const kept = fixtures.flatMap(({ bytes }) => Envelope.parse(JSON.parse(bytes)).data.events ?? [])
    const keptVersions = new Set(kept.map(({ type, version }) => `${type} ${version}`))
    for (const [type, current] of Object.entries(currentVersions)) {
      for (let version = 1; version <= current; version += 1) assert.ok(keptVersions.has(`${type} ${version}`), type)
    }
  })

  test('an id is unique in its partition, and names the source', () => {
    const envelopes = fixtures.map(({ bytes }) => Envelope.parse(JSON.parse(bytes)))
    assert.equal(new Set(envelopes.map(({ id }) => id)).size, fixtures.length)
    for (const { id, source } of envelopes) {
      assert.ok(id.startsWith('3:'))
      assert.equal(source, 'urn:micropay:ledger:golden-ledger')
    }
  })
})

describe('bytes that are no record of this ledger', () => {
  const payment = recordOf('payment-posted.v1')

  test('the record that these cases change is a good one', () => {
    assert.equal(decode(payment).kind, 'commit')
  })

  test('an unknown kind is an error, unless it is marked ignorable', () => {
    const future = { specversion: '1.0', type: 'micropay.future.v1', data: { any: 'thing' } }
    assert.throws(() => decode(future), UnknownRecordError)
    assert.throws(() => decode({ ...future, ignorable: false }), UnknownRecordError)
    assert.throws(() => decode({ ...future, ignorable: 'true' }), MalformedRecordError)
    assert.deepEqual(decode({ ...future, ignorable: true }), { kind: 'ignored', type: 'micropay.future.v1' })
  })

  test('an unknown event, or a known one in a later version, is an error of its own', () => {
    for (const event of [
      { type: 'PaymentPosted', version: 3, data: {} },
      { type: 'PaymentPosted', version: 0, data: {} },
      { type: 'PaymentTeleported', version: 1, data: {} },
      { type: 'constructor', version: 1, data: {} },
    ]) {
      assert.throws(() => decode(withData(payment, { events: [event] })), UnknownEventError, event.type)
    }
  })

  test('a field that is missing or wrong is malformed', () => {
    for (const wrong of [
      { seq: 0 },
      { seq: 1.5 },
      { epoch: 0 },
      { previousHash: 'short' },
      { decidedAt: 'yesterday' },
      { outcome: { kind: 'perhaps' } },
      { outcome: { kind: 'rejected', code: 'bad_mood', detail: '' } },
      { events: [{ type: 'AccountClosed', version: 1, data: { accountId: 'not an id' } }] },
      { events: undefined },
      { idempotencyKey: undefined },
      { requestHash: undefined },
    ]) {
      assert.throws(() => decode(withData(payment, wrong)), MalformedRecordError, JSON.stringify(wrong))
    }
  })

  test('a payment whose legs leave something over is malformed', () => {
    const legs = recordOf('payment-posted.v2-legs')
    assert.equal(decode(legs).kind, 'commit')
    const text = JSON.stringify(legs)
    for (const [from, to] of [
      ['"1000"', '"1001"'],
      ['"-1000000000000000","currency":"EUR"', '"-1000000000000000","currency":"USD"'],
      ['"-1000000000000000"', '"999999999999000"'],
    ] as const) {
      assert.ok(text.includes(from))
      assert.throws(() => decode(JSON.parse(text.replace(from, to))), MalformedRecordError, to)
    }
  })

  test('so are legs of a payment across partitions, where they are whole with what passes between', () => {
    for (const name of ['payment-initiated.v1', 'legs-posted.v1']) {
      const record = recordOf(name)
      assert.equal(decode(record).kind, 'commit')
      const text = JSON.stringify(record)
      assert.throws(() => decode(JSON.parse(text.replace(/"-(1050|1250)"/, '"-1051"'))), MalformedRecordError, name)
    }
  })

  test('text that is not JSON, not an object or not UTF-8 is malformed', () => {
    for (const text of ['', '{', 'null', '[]', '"text"', '1']) {
      assert.throws(() => decodeRecord(new TextEncoder().encode(text)), MalformedRecordError, text)
    }
    const broken = Buffer.from(JSON.stringify(payment))
    broken[broken.indexOf('coffees')] = 0xff
    assert.throws(() => decodeRecord(broken), MalformedRecordError)
  })
})

function encode(decoded: Fixture['decoded'], envelope: z.infer<typeof Envelope>): Uint8Array {
  const context = { ledgerId: 'golden-ledger', partition: 3 }
  switch (decoded.kind) {
    case 'genesis':
      return encodeGenesis(context, decoded.genesis, envelope.time)
    case 'claim':
      return encodeClaim(context, decoded.claim)
    case 'resume':
      return encodeResume(context, decoded.resume)
    case 'heartbeat':
      return encodeHeartbeat(context, decoded.heartbeat)
    case 'commit':
      return encodeCommit(context, envelope.subject ?? '', decoded.commit)
  }
}

function recordOf(name: string): z.infer<typeof Envelope> {
  const fixture = fixtures.find((candidate) => candidate.name === name)
  assert.ok(fixture)
  return Envelope.parse(JSON.parse(fixture.bytes))
}

function withData(record: z.infer<typeof Envelope>, changes: object): object {
  return { ...record, data: { ...record.data, ...changes } }
}

function decode(record: object) {
  return decodeRecord(new TextEncoder().encode(JSON.stringify(record)))
}
