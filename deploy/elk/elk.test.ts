import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { toEcs } from '@micropay/runtime/log-format/ecs'
import { unfitting } from './fits-mapping.ts'
import { generated } from './generated.ts'
import { fieldTypes, indexTemplate } from './index-template.ts'
import { savedObjects } from './kibana.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
const { properties } = indexTemplate().template.mappings

test('the files that are made of code are what it makes: node deploy/elk/main.ts', () => {
  for (const [name, text] of Object.entries(generated())) assert.equal(read(name), text, name)
})

const lines = read('lines.fixture.jsonl').trimEnd().split('\n')

test('each kind of line that running systems wrote fits the index', () => {
  assert.ok(lines.length > 30, `${lines.length} lines`)
  const services = new Set<unknown>()
  for (const line of lines) {
    const { service } = JSON.parse(line)
    const document = JSON.parse(toEcs(line, service))
    services.add(document['service.name'])
    assert.deepEqual(unfitting(document, properties), [], line)
  }
  for (const name of ['gateway', 'write-side', 'accounts', 'accounts-projection', 'audit', 'development-issuer']) {
    assert.ok(services.has(name), `no line of ${name}`)
  }
})

test('what a line says stands in a field of its own, and little in the one for all else', () => {
  const others = lines.flatMap((line) => {
    const document: Record<string, unknown> = JSON.parse(toEcs(line, 'any'))
    return Object.keys(document['micropay.other'] ?? {})
  })
  const named = ['err', 'kafkajs', 'securityLog', 'faults', 'underWay']
  assert.deepEqual(
    [...new Set(others)].filter((name) => !named.includes(name)),
    [],
  )
})

const refused: readonly [title: string, document: Record<string, unknown>, why: string][] = [
  ['a field that nobody named', { colour: 'red' }, 'colour: the mapping has no such field'],
  ['one below a name that is there', { 'micropay.colour': 'red' }, 'micropay.colour: the mapping has no such field'],
  ['the same, nested', { micropay: { colour: 'red' } }, 'micropay.colour: the mapping has no such field'],
  ['a text for an object', { service: 'gateway' }, 'service: is an object there'],
  ['an object for a text', { 'trace.id': { of: 1 } }, 'trace.id: keyword does not take {"of":1}'],
  ['a field of a text', { 'message.of': 'x' }, 'message: is no object there'],
  ['words for a number', { 'micropay.seq': 'many' }, 'micropay.seq: long does not take "many"'],
  [
    'a number of 64 bits and one',
    { 'micropay.seq': '9223372036854775808' },
    'micropay.seq: long does not take "9223372036854775808"',
  ],
  [
    'a day that is none',
    { '@timestamp': '2026-13-01T00:00:00Z' },
    '@timestamp: date does not take "2026-13-01T00:00:00Z"',
  ],
  ['words for a yes', { 'micropay.won': 'maybe' }, 'micropay.won: boolean does not take "maybe"'],
  ['a text for pairs', { 'micropay.other': 'x' }, 'micropay.other: flattened does not take "x"'],
]
for (const [title, document, why] of refused) {
  test(`the index refuses ${title}`, () => assert.deepEqual(unfitting(document, properties), [why]))
}

test('the index takes several values, nothing, and what is nested as what is dotted', () => {
  const document = {
    ...{ 'micropay.instances': ['a', 'b'], 'micropay.seq': '7', 'user.id': null },
    ...{ service: { name: 'gateway' }, micropay: { other: { any: 'thing' } } },
  }
  assert.deepEqual(unfitting(document, properties), [])
})

test('what Kibana shows leads to objects that are there and fields that the index has', () => {
  const objects = savedObjects()
  const ids = new Set(objects.map(({ type, id }) => `${type} ${id}`))
  assert.equal(ids.size, objects.length)
  for (const { id, references, attributes } of objects) {
    for (const reference of references) assert.ok(ids.has(`${reference.type} ${reference.id}`), id)
    const asked = JSON.stringify(attributes).matchAll(/\b([a-z]+(?:\.[a-z_]+)+)(?=: |\\\\?":|\\" or)/g)
    for (const [, field = ''] of asked) assert.ok(field in fieldTypes, `${id} asks for ${field}`)
  }
})

test('the lifecycle policy is that of the template, and Logstash writes to what the template is for', () => {
  const template = indexTemplate()
  assert.ok(JSON.parse(read('lifecycle-policy.json')).policy.phases.delete)
  assert.match(read('logstash/micropay.conf'), /data_stream_type => "logs"\n\s+data_stream_dataset => "micropay"/)
  assert.deepEqual(template.index_patterns, ['logs-micropay-*'])
})

test('whatever Logstash makes of the security log has a field in the index', () => {
  const renamed = [...read('logstash/micropay.conf').matchAll(/"\[security\]\[\w+\]" => "((?:\[\w+\])+)"/g)]
  assert.ok(renamed.length > 12)
  for (const [, path = ''] of renamed) {
    const field = path.slice(1, -1).replaceAll('][', '.')
    assert.ok(field in fieldTypes, field)
  }
})
