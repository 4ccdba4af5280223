import { parseArgs } from 'node:util'
import { ownKafka, ownPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { argumentsOf, sampleOf } from './mutation.ts'
import { mutations } from './mutations.ts'
import { tryMutants } from './try-mutants.ts'

const usage = `npx pnpm@12 mutants: plants the bugs of a list, and fails when the tests named for one do not find it

  --only NAME    those alone whose name has this in it
  --sample N     so many of them, drawn by the seed
  --seed S       which ones (the day when it is left out)
  --help         this text
`

/** `npx pnpm@12 mutants`: see `usage`. */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const named = mutations.filter(({ name }) => values.only === undefined || name.includes(values.only))
const seed = values.seed ?? new Date(systemClock.nowMs()).toISOString().slice(0, 10)
const chosen = values.sample === undefined ? named : sampleOf(named, Number(values.sample), seed)
if (chosen.length === 0) {
  process.stderr.write(`no mutation matches: there are ${mutations.length}\n`)
  process.exit(2)
}
if (values.sample !== undefined) say(`a sample of ${chosen.length}, seed ${seed}`)

const startedMs = systemClock.monotonicMs()
const needsServices = chosen.some(({ tests }) => tests.some((test) => argumentsOf(test).path.endsWith('.int-test.ts')))
const postgres = needsServices && !process.env.TEST_POSTGRES_URL ? await ownPostgres() : undefined
const kafka = needsServices && !process.env.TEST_KAFKA_BROKERS ? await ownKafka() : undefined
try {
  const environment = {
    TEST_POSTGRES_URL: process.env.TEST_POSTGRES_URL ?? postgres?.url,
    TEST_KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS ?? kafka?.brokers.join(','),
  }
  const wrong = await tryMutants(chosen, { environment, atOnce: 2, say })
  const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 1000)
  say(`${chosen.length} mutants in ${seconds} s: ${chosen.length - wrong.length} found, ${wrong.length} not`)
  for (const line of wrong) say(`  ${line}`)
  process.exitCode = wrong.length > 0 ? 1 : 0
} finally {
  await kafka?.close()
  await postgres?.close()
}
