import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownKafka, ownPostgres } from '@micropay/local/stores/test-services'
import { sampleOf } from './mutation.ts'
import { mutations } from './mutations.ts'
import { tryMutants } from './try-mutants.ts'

test('six bugs of the list are found, others each day', { timeout: 230_000 }, async (context) => {
  const seed = process.env.MUTANTS_SEED ?? new Date().toISOString().slice(0, 10)
  const say = (line: string) => context.diagnostic(line)
  const sample = sampleOf(mutations, 6, seed)
  say(`npx pnpm@12 mutants --sample 6 --seed ${seed}`)
  const { TEST_POSTGRES_URL, TEST_KAFKA_BROKERS } = process.env
  const postgres = TEST_POSTGRES_URL ? undefined : await ownPostgres()
  const kafka = TEST_KAFKA_BROKERS ? undefined : await ownKafka()
  context.after(() => Promise.all([postgres?.close(), kafka?.close()]))
  const environment = {
    TEST_POSTGRES_URL: TEST_POSTGRES_URL ?? postgres?.url,
    TEST_KAFKA_BROKERS: TEST_KAFKA_BROKERS ?? kafka?.brokers.join(','),
  }
  assert.deepEqual(await tryMutants(sample, { environment, atOnce: 2, say }), [], `seed ${seed}`)
})
