import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@micropay/runtime/clock'
import { renewAll, type Step, type StepKind } from './renew.ts'
import { rotateAll } from './rotate.ts'

const usage = `npx pnpm@12 renewal: renews every process of a site under load, one after the other

  --rounds N   how often (1)
  --workers    the workers alone: how long callers wait for a hand-over by SIGTERM and a takeover after kill -9
  --secrets    instead of processes: every certificate and its authority, signing key and key ring
  --help       this text

Two command workers share eight partitions on PostgreSQL; there are two gateways and two of each read service. Prints
what callers saw. Exit code: 0 when nobody was answered anything other than success, else 1; 2 for a wrong command line.
`
const say = (text: string) => void process.stdout.write(`${text}\n`)
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    workers: { type: 'boolean', default: false },
    secrets: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
// Who ends by a signal runs nothing at its exit, where processes are ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
if (values.help) say(usage)
else if (!/^[1-9][0-9]{0,2}$/.test(values.rounds)) {
  process.stderr.write(`--rounds is ${values.rounds}, and must be a whole number from 1 to 999\n\n${usage}`)
  process.exit(2)
} else await run(Number(values.rounds), values)

async function run(rounds: number, { workers, secrets }: { workers: boolean; secrets: boolean }): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-renewal-'))
  const steps = secrets
    ? await rotateAll({ directory, copies: 2, together: false, say })
    : await renewAll({ directory, rounds, workersAlone: workers, say })
  const [processor] = cpus()
  const date = new Date(systemClock.nowMs()).toISOString().slice(0, 10)
  say(`\n${date}, ${cpus().length} processors (${processor?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB\n`)
  say('| what | times | answers | failed | asked again | slowest command: median | longest | slowest read |')
  say('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [what, all] of Map.groupBy(steps, (step) => step.what)) say(rowOf(what, all))
  const failed = steps.flatMap((step) => step.failed)
  if (failed.length === 0) await rm(directory, { recursive: true, force: true })
  say(failed.length === 0 ? '\nNo request failed.' : `\n${failed.length} requests failed: logs are in ${directory}`)
  process.exit(failed.length === 0 ? 0 : 1)
}

function rowOf(what: StepKind, steps: readonly Step[]): string {
  const sum = (of: (step: Step) => number) => steps.reduce((total, step) => total + of(step), 0)
  const waits = steps.map(({ slowestCommandMs }) => slowestCommandMs).sort((one, other) => one - other)
  const ms = (value = 0) => `${Math.round(value)} ms`
  const counts = [steps.length, sum(({ answers }) => answers), sum((step) => step.failed.length)]
  const times = [waits[waits.length >> 1], waits.at(-1), Math.max(...steps.map(({ slowestReadMs }) => slowestReadMs))]
  return `| ${[what, ...counts, sum(({ askedAgain }) => askedAgain), ...times.map(ms)].join(' | ')} |`
}
