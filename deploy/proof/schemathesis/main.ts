import { parseArgs } from 'node:util'
import { systemClock } from '@micropay/runtime/clock'
import { tried, tryAll } from './try-all.fixture.ts'

const usage = `node deploy/proof/schemathesis/main.ts: has schemathesis ask everything as each role

  --cases N      requests of each role that are drawn, beside each boundary of each parameter (10000)
  --seed N       what they are drawn from (the number of the day)
  --help         this text

Exit code: 0 when every answer is as /openapi.json describes it and none is a 5xx, else 1; 2 for a wrong command line.
`
const say = (text: string) => void process.stdout.write(`${text}\n`)
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(systemClock.nowMs() / 86_400_000)) },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const wrong = [values.cases, values.seed].find((text) => !/^[0-9]{1,7}$/.test(text))
if (values.help) say(usage)
else if (wrong !== undefined) {
  process.stderr.write(`${wrong} is no whole number\n\n${usage}`)
  process.exitCode = 2
} else await run(Number(values.cases), Number(values.seed))

async function run(cases: number, seed: number): Promise<void> {
  say(`seed ${seed}`)
  const outcomes = await tryAll(tried, { cases, seed, boundaries: true })
  for (const { person, passed, output } of outcomes) {
    say(`\n=== ${person.name} (${person.role}): ${passed ? 'passed' : 'FAILED'}\n${output}`)
  }
  process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1
}
