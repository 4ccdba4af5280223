import assert from 'node:assert/strict'
import { test } from 'node:test'
import { narrowed } from './narrowed.ts'

test('what would only wait is left out, and patterns are those of Python', () => {
  const at = (name: string) => ({ $ref: `#/components/parameters/${name}` })
  const query = { name: 'text', in: 'query', schema: { type: 'string', pattern: '^[^\\p{Cc}]*$' } }
  const get = { summary: 'x', parameters: [query, at('At-Least'), at('Prefer'), at('DPoP')] }
  const document = { openapi: '3.1.0', paths: { '/v1/accounts': { get }, '/v1/account-events': { get } } }
  const { text, operations } = narrowed(JSON.stringify(document))
  assert.equal(operations, 1)
  const pattern = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$'
  const kept = { ...get, parameters: [{ ...query, schema: { type: 'string', pattern } }, at('DPoP')] }
  assert.deepEqual(JSON.parse(text), { openapi: '3.1.0', paths: { '/v1/accounts': { get: kept } } })
})
