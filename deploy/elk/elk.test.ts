import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { toEcs } from '@micropay/runtime/log-format/ecs'
import { unfitting } from './fits-mapping.ts'
import { generated } from './generated.ts'
import { fieldTypes, indexTemplate } from './index-template.ts'
import { savedObjects } from './kibana.ts'
import { strangeDocuments } from './strange-documents.fixture.ts'

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

for (const [title, document, why] of strangeDocuments) {
  test(`the index ${why === undefined ? 'takes' : 'refuses'} ${title}`, () => {
    assert.deepEqual(unfitting({ ...document }, properties), why === undefined ? [] : [why])
  })
}

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
