import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'
import { asyncApi, asyncApiText } from './asyncapi.fixture.ts'
import { heldAndDue } from './regions.ts'

const document = asyncApi()
const fixtures = join(repositoryRoot, 'schemas/log/fixtures')

test('docs/asyncapi.yaml is what the schemas of the log say; UPDATE_DOCS=1 writes it anew', () => {
  const page = heldAndDue('docs/asyncapi.yaml', asyncApiText)
  assert.equal(page.held, page.due)
  assert.deepEqual(parse(page.held), JSON.parse(JSON.stringify(document)))
})

test("it is AsyncAPI 3.0 by the specification's own JSON schema, and every reference in it leads somewhere", () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json')
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const validate = ajv.compile(schema)
  validate(document)
  assert.deepEqual(validate.errors, null)
  const { channels: _, ...without } = document
  assert.equal(validate({ ...without, channels: { ledger: { address: 7 } } }), false)
  for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = path.split('/').reduce<unknown>((at, name) => Held.parse(at)[name], document)
    assert.ok(found, path)
  }
})

const Held = z.record(z.string(), z.unknown())
const Fixture = z.object({ bytes: z.string() })
const Messages = z.record(z.string(), z.object({ name: z.string(), payload: z.unknown() }))

test('every record that is kept for ever is one of the messages of the ledger, and no other', () => {
  const { messages, schemas } = z.object({ messages: Messages, schemas: Held }).parse(document.components)
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'document', components: { schemas } })
  const validators = Object.values(messages).map(({ name, payload }) => ({
    name,
    validate: ajv.compile(JSON.parse(JSON.stringify(payload).replaceAll('"#/', '"document#/'))),
  }))
  const names = readdirSync(fixtures).filter((name) => name.endsWith('.json'))
  assert.ok(names.length > 50)
  for (const name of names) {
    const record: unknown = JSON.parse(Fixture.parse(JSON.parse(readFileSync(join(fixtures, name), 'utf8'))).bytes)
    const fitting = validators.filter(({ validate }) => validate(record)).map((each) => each.name)
    assert.deepEqual([name, fitting], [name, [z.object({ type: z.string() }).parse(record).type]])
  }
})
