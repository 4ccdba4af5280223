import { parseArgs } from 'node:util'
import { planOf } from './plan.ts'
import { type Outcome, runPlan } from './run-plan.ts'
import { type Report, runSeeds } from './run-seeds.ts'
import { describePlan, only, shorten } from './shorten.ts'

const usage = `npx pnpm@12 simulate: the write side's own code among faults of every kind, in virtual time

  --seeds N      how many seeds, each with faults of its own (100)
  --from S       the first of them (1)
  --seed S       this one alone, with its trace
  --keep IDS     with --seed: these commands and faults alone (c1,f0.2)
  --help         this text

Exit code: 0 when all went well, 1 when a rule was broken or some kind of fault or command was never tried, 2 for a
wrong command line.
`

/** `npx pnpm@12 simulate`: see `usage`. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.help) process.stdout.write(usage)
else if (values.seed === undefined) await many(whole('from', values.from, 0), whole('seeds', values.seeds, 1))
else await one(whole('seed', values.seed, 0), values.keep)

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
  process.stderr.write(`--${name} is ${text}, and must be a whole number from ${least} on\n\n${usage}`)
  process.exit(2)
}

async function one(seed: number, keep: string | undefined): Promise<void> {
  const plan = keep === undefined ? planOf(seed) : only(planOf(seed), keep.split(','))
  const outcome = await runPlan(plan, (line) => process.stdout.write(line))
  say(`\nseed ${seed}: ${outcome.events} events, trace ${outcome.traceHash}`)
  sayBroken(outcome)
}

async function many(from: number, count: number): Promise<void> {
  const startedAt = performance.now()
  const report = await runSeeds(from, count)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  for (const [kind, times] of report.faults) say(`${String(times).padStart(7)}  ${kind}`)
  for (const [deed, times] of [...report.deeds].sort()) say(`${String(times).padStart(7)}  ${deed}`)
  for (const outcome of report.failed) await sayFailed(outcome)
  say(summary(report, seconds))
  if (report.untried.length > 0) say(`never tried: ${report.untried.join(', ')}: run more seeds`)
  if (report.untried.length > 0 || report.failed.length > 0) process.exitCode = 1
}

function summary({ seeds, events, commands, acknowledged, faults, failed }: Report, seconds: string): string {
  const total = faults.values().reduce((sum, times) => sum + times, 0)
  const done = `${events} events, ${commands} commands, ${acknowledged} acknowledgements, ${total} faults`
  return `${seeds} seeds in ${seconds} s: ${done}; ${failed.length} failed`
}

/** How to see it again, and the least of it that is needed. */
async function sayFailed(outcome: Outcome): Promise<void> {
  const { seed, violation } = outcome
  sayBroken(outcome)
  say(`  npx pnpm@12 simulate --seed ${seed}`)
  const least = await shorten(planOf(seed), violation?.rule ?? '')
  const ids = [...least.phases.flatMap(({ faults }) => faults), ...least.commands].map(({ id }) => id)
  say(`  the same, made short:\n${describePlan(least)}`)
  say(`  npx pnpm@12 simulate --seed ${seed} --keep ${ids.join(',')}`)
}

function sayBroken({ seed, violation }: Outcome): void {
  if (!violation) return
  say(`seed ${seed} broke a rule: ${violation.rule}\n  ${violation.detail}`)
  process.exitCode = 1
}
