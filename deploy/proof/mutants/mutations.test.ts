import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { argumentsOf, type Mutation, mutated, sampleOf } from './mutation.ts'
import { mutations } from './mutations.ts'
import { repository } from './scratch.ts'

test('each bug can still be planted: what it replaces stands once in its file, and its tests are there', () => {
  const gone = mutations.flatMap((mutation) => {
    const { name, file, tests } = mutation
    const source = readFileSync(join(repository, file), 'utf8')
    const missing = tests
      .filter((one) => !existsSync(join(repository, argumentsOf(one).path)))
      .map((path) => `${name}: no ${path}`)
    return mutated(source, mutation) === undefined ? [...missing, `${name}: not once in ${file}`] : missing
  })
  assert.deepEqual(gone, [])
})

test('there are at least 40, each with a name of its own', () => {
  assert.ok(mutations.length >= 40, String(mutations.length))
  assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length)
})

test('what stands there twice, or not at all, is not planted', () => {
  const mutation: Mutation = { name: 'x', file: 'x.ts', find: 'a + b', replace: 'a - b', tests: ['x.test.ts'] }
  assert.equal(mutated('return a + b', mutation), 'return a - b')
  assert.equal(mutated('return a + b + (a + b)', mutation), undefined)
  assert.equal(mutated('return a', mutation), undefined)
})

test('a sample is drawn by its seed: the same again, another for another', () => {
  const items = Array.from({ length: 60 }, (_, index) => index)
  assert.deepEqual(sampleOf(items, 6, '2026-01-01'), sampleOf(items, 6, '2026-01-01'))
  assert.notDeepEqual(sampleOf(items, 6, '2026-01-01'), sampleOf(items, 6, '2026-01-02'))
  assert.equal(new Set(sampleOf(items, 100, 'all')).size, 60)
})
