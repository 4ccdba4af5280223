import { parseArgs } from 'node:util'
import type { Outcome } from './outcome.ts'
import { type Report, runSeeds } from './run-seeds.ts'
import { type WorldName, worldNames, worlds } from './worlds.ts'

const usage = `npx pnpm@12 simulate: the write side's own code among faults of every kind, in virtual time

  --world W      one: a ledger of one partition with all that it does; across: payments across four partitions
                 (both when it is left out; with --seed the first)
  --seeds N      how many seeds of each, every one with faults of its own (100)
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
    world: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.help) process.stdout.write(usage)
else if (values.seed !== undefined) await one(chosen()[0] ?? 'one', whole('seed', values.seed, 0), values.keep)
else {
  const [from, seeds] = [whole('from', values.from, 0), whole('seeds', values.seeds, 1)]
  for (const world of chosen()) await many(world, from, seeds)
}

function chosen(): readonly WorldName[] {
  const { world } = values
  const named = worldNames.filter((name) => world === undefined || name === world)
  return named.length > 0 ? named : wrong(`--world is ${world}, and must be ${worldNames.join(' or ')}`)
}

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
  return wrong(`--${name} is ${text}, and must be a whole number from ${least} on`)
}

function wrong(said: string): never {
  process.stderr.write(`${said}\n\n${usage}`)
  process.exit(2)
}

async function one(world: WorldName, seed: number, keep: string | undefined): Promise<void> {
  const outcome = await worlds[world].run(seed, keep?.split(','), (line) => process.stdout.write(line))
  say(`\nseed ${seed}: ${outcome.events} events, trace ${outcome.traceHash}`)
  sayBroken(outcome)
}

async function many(world: WorldName, from: number, count: number): Promise<void> {
  const startedAt = performance.now()
  const report = await runSeeds(world, from, count)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  for (const [kind, times] of report.faults) say(`${String(times).padStart(7)}  ${kind}`)
  for (const [deed, times] of [...report.deeds].sort()) say(`${String(times).padStart(7)}  ${deed}`)
  for (const outcome of report.failed) await sayFailed(world, outcome)
  say(`${world}: ${summary(report, seconds)}`)
  if (report.untried.length > 0) say(`never tried: ${report.untried.join(', ')}: run more seeds`)
  if (report.untried.length > 0 || report.failed.length > 0) process.exitCode = 1
}

function summary({ seeds, events, commands, acknowledged, faults, failed }: Report, seconds: string): string {
  const total = faults.values().reduce((sum, times) => sum + times, 0)
  const done = `${events} events, ${commands} commands, ${acknowledged} acknowledgements, ${total} faults`
  return `${seeds} seeds in ${seconds} s: ${done}; ${failed.length} failed`
}

/** How to see it again, and the least of it that is needed. */
async function sayFailed(world: WorldName, outcome: Outcome): Promise<void> {
  const { seed, violation } = outcome
  sayBroken(outcome)
  const again = `npx pnpm@12 simulate --world ${world} --seed ${seed}`
  say(`  ${again}`)
  const { keep, described } = await worlds[world].shorten(seed, violation?.rule ?? '')
  say(`  the same, made short:\n${described}`)
  say(`  ${again} --keep ${keep.join(',')}`)
}

function sayBroken({ seed, violation }: Outcome): void {
  if (!violation) return
  say(`seed ${seed} broke a rule: ${violation.rule}\n  ${violation.detail}`)
  process.exitCode = 1
}
