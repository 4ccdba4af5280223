import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Http } from '@micropay/runtime/http'
import { BatchAccount } from '@micropay/schemas/api/account'
import { BatchPayment } from '@micropay/schemas/api/payment'
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import { buildWith, services } from './services.fixture.ts'

/**
 * Whatever text a body may hold may be kept for ever and shown to others, so none takes what hides or reorders, whoever
 * adds the next one.
 */
const hiding = ['\u061c', '\u200b', '\u202e', '\u2028', '\u2029', '\u2060', '\u2066', '\ufeff', '\u0000', '\u0085']

const bodies = new Map<string, z.core.$ZodType>([
  ['each of POST /v1/payments/batch', BatchPayment],
  ['each of POST /v1/accounts/batch', BatchAccount],
])
for (const build of Object.values(services)) {
  for (const { method, url, schema } of await routesOf(() => build(async () => assert.fail('nobody calls')))) {
    if (schema?.body instanceof z.ZodType) bodies.set(`${String(method)} ${url}`, schema.body)
  }
}

test('no text in a body that a service takes holds what hides, reorders or is no text', () => {
  const texts = [...bodies].flatMap(([name, body]) => [...textsIn(body, name)])
  assert.ok(texts.length > 40, 'the bodies are found')
  for (const [where, text] of texts) {
    const taken = hiding.filter((character) =>
      [`Rent${character}May`, `${character}17`, `2026-03-01${character}`, character].some(
        (tried) => text.safeParse(tried).success,
      ),
    )
    assert.deepEqual([where, taken.map(escape)], [where, []])
  }
})

test('a text is found wherever it stands in a body', () => {
  const text = z.string()
  const nested = z.object({
    ...{ plain: text, maybe: text.nullable().optional(), many: z.array(text), byName: z.record(text, text) },
    ...{ one: z.union([z.object({ of: text }), z.int()]), changed: text.transform(Number), soon: z.lazy(() => text) },
  })
  const found = [...textsIn(nested, '')].map(([where]) => where)
  assert.deepEqual(found, ['.plain', '.maybe', '.many', '.byName', '.byName', '.one.of', '.changed', '.soon'])
})

/** Each string of a schema with its place. */
function* textsIn(schema: z.core.$ZodType, where: string): Generator<[string, z.ZodType]> {
  const known = schema as z.core.$ZodTypes
  const { def } = known._zod
  switch (def.type) {
    case 'string':
      yield [where, schema as z.ZodType]
      return
    case 'object':
      for (const [name, inner] of Object.entries(def.shape)) yield* textsIn(inner, `${where}.${name}`)
      return
    case 'array':
      return yield* textsIn(def.element, where)
    case 'record':
      yield* textsIn(def.keyType, where)
      return yield* textsIn(def.valueType, where)
    case 'union':
      for (const option of def.options) yield* textsIn(option, where)
      return
    case 'pipe':
      yield* textsIn(def.in, where)
      return yield* textsIn(def.out, where)
    case 'lazy':
      return yield* textsIn(def.getter(), where)
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return yield* textsIn(def.innerType, where)
    case 'enum':
    case 'literal':
    case 'number':
    case 'boolean':
    case 'transform':
    case 'unknown':
    case 'custom':
      return
    default:
      assert.fail(`${where} is a ${def.type}, whose texts are not looked at`)
  }
}

async function routesOf(build: () => Promise<Http>): Promise<RouteOptions[]> {
  const registered: RouteOptions[] = []
  const app = await buildWith(build, (made) => made.addHook('onRoute', (route) => void registered.push(route)))
  await app.close()
  return registered
}
