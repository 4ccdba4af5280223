import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { problemOfErrors } from './problem.ts'

const refused: readonly (readonly [schema: z.ZodType, input: unknown, words: string])[] = [
  [z.string(), undefined, 'is missing'],
  [z.string(), 5, 'must be a string, not a number'],
  [z.int(), '5', 'must be a number, not a string'],
  [z.boolean(), 'yes', 'must be true or false, not a string'],
  [z.object({}), [], 'must be an object, not an array'],
  [z.array(z.string()), null, 'must be an array, not null'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().max(100), 'x'.repeat(101), 'must have at most 100 characters'],
  [z.string().length(43), 'x', 'must have exactly 43 characters'],
  [z.array(z.int()).min(1), [], 'must not be empty'],
  [z.array(z.int()).min(2), [1], 'must have at least 2 items'],
  [z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 items'],
  [z.int().min(0), -1, 'must be at least 0'],
  [z.int().max(500), 501, 'must be at most 500'],
  [z.number().positive(), 0, 'must be more than 0'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.enum(['all', 'outgoing']), 'incoming', 'must be one of "all", "outgoing"'],
  [z.literal('receivesFromCustomers'), 'x', 'must be "receivesFromCustomers"'],
  [z.literal([1, 2]), 3, 'must be one of 1, 2'],
  [z.strictObject({}), { mode: 1 }, '"mode" is not known here: see /openapi.json'],
  [z.strictObject({}), { a: 1, b: 2 }, '"a", "b" are not known here: see /openapi.json'],
  [z.string({ error: 'must look like pay-0-1842' }), 5, 'must look like pay-0-1842'],
]

for (const [schema, input, words] of refused) {
  test(`a request is told that a member ${words}`, () => {
    const detail = schema.safeParse(input).error?.issues[0]?.message ?? 'nothing is wrong'
    const { errors } = problemOfErrors([{ pointer: '/member', detail, params: undefined }])
    assert.equal(errors?.[0]?.detail, words)
  })
}
