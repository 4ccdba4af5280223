import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { systemClock } from '@micropay/runtime/clock'
import { clientCredentials } from '@micropay/sdk/access-token'
import type { Asking, Person } from './ask.ts'
import { whyNotAtRest } from './at-rest.ts'
import { accounts, startClients } from './clients.ts'
import { describeDeed, drawRounds } from './draw-faults.ts'
import { openJournal } from './journal.ts'
import { openAccounts, payHistory } from './open-book.ts'
import type { TortureOptions } from './options.ts'
import { startProbes } from './probes.ts'
import { type Product, startProduct, topic, untilAnswers } from './product.ts'
import { read, startReader } from './reader.ts'
import type { TortureResult } from './result.ts'
import { Judgement } from './result.ts'
import { type RoundOutcome, runRound } from './run-round.ts'
import { createSuccesses } from './scene.ts'
import { startAnew } from './start-anew.ts'
import { until } from './until.ts'

/**
 * Runs the product under load, injects the faults of a seed, and has what came of it judged by a checker that knows
 * nothing of the product's code. What is in the result's `failures` makes it a failed run.
 */
export async function torture(
  options: TortureOptions,
  directory: string,
  say: (text: string) => void,
): Promise<TortureResult> {
  mkdirSync(directory, { recursive: true })
  const startedAt = systemClock.nowMs()
  const product = await startProduct(directory, options)
  try {
    const { outcomes, acknowledged, givenUp } = await underLoad(product, options, say)
    say('Checking every answer against the log')
    const judgement = judge(product)
    const result = { options, startedAt, endedAt: systemClock.nowMs(), outcomes, acknowledged, judgement }
    const failures = failuresOf(outcomes, acknowledged, judgement)
    if (givenUp !== undefined) failures.push(`given up: ${givenUp}`)
    writeFileSync(join(directory, 'result.json'), `${JSON.stringify({ ...result, failures }, null, 2)}\n`)
    return { ...result, failures }
  } finally {
    await product.stop()
  }
}

type UnderLoad = {
  readonly outcomes: readonly RoundOutcome[]
  readonly acknowledged: number
  /** Why not all rounds were run. */
  readonly givenUp: string | undefined
}

async function underLoad(product: Product, options: TortureOptions, say: (text: string) => void): Promise<UnderLoad> {
  const { services, directory } = product
  const successes = createSuccesses(options.partitions)
  const journal = openJournal(directory)
  const token = tokenOf(product.issuerUrl)
  const asking: Asking = { journal, token, onSuccess: successes.add }
  const workers = [services.a, services.b]
  await Promise.any(workers.map(({ url }) => untilAnswers(`${url}/health/ready`)))
  await openAccounts(asking, workers)
  if (options.history > 0) await payHistory(asking, workers, options.history, say)
  await untilAnswers(`${services.reads.url}/health/ready`)
  const newest = successes.furthest
  const clients = startClients(asking, workers, options)
  const probes = startProbes(asking, workers, options)
  const reading = { journal, token, url: services.reads.url, seed: options.seed, newest }
  const reader = startReader(reading)
  const { patience } = options
  const scene = { product, asking, reader, successes, say, patience }
  const outcomes: RoundOutcome[] = []
  let givenUp: string | undefined
  try {
    await until(() => successes.count() > accounts.length + 20 && reader.firstFreshSince(0) !== undefined, 30_000)
    const rounds = drawRounds(options.seed, options, options.faults, options.only)
    for (const [index, round] of rounds.entries()) {
      if ((round.faults.at(-1)?.number ?? 0) < options.from) continue
      say(`Round ${index + 1} of ${rounds.length}: ${round.faults.map(({ deed }) => describeDeed(deed)).join(', ')}`)
      const beganAt = systemClock.nowMs()
      const outcome = await runRound(scene, round)
      outcomes.push(outcome)
      appendFileSync(join(directory, 'rounds.jsonl'), `${JSON.stringify(outcome)}\n`)
      tell(outcome, say)
      if (outcome.hangs.length > 0) await startAnew(scene, beganAt)
    }
  } catch (error) {
    givenUp = error instanceof Error ? error.message : String(error)
  } finally {
    await Promise.all([clients.stop(), probes.stop(), reader.stop()])
  }
  givenUp ??= await whyNotAtRest(product, token, options.patience)
  const last = newest()
  if (last !== undefined) for (const { id } of accounts) await read(reading, id, last)
  return { outcomes, acknowledged: successes.count(), givenUp }
}

function tell({ hangs, wrong, ownEnds, servedAfterMs, acknowledged }: RoundOutcome, say: (text: string) => void): void {
  for (const problem of [...hangs, ...wrong]) say(`  WRONG: ${problem}`)
  for (const end of ownEnds) say(`  ended by itself: ${end}`)
  if (hangs.length === 0) say(`  serves again after ${servedAfterMs} ms; ${acknowledged} acknowledged`)
}

function tokenOf(issuerUrl: string): Asking['token'] {
  const of = (id: Person) => clientCredentials(issuerUrl, { id, secret: developmentSecret })
  const tokens = { olga: of('olga'), otto: of('otto'), fiona: of('fiona'), frank: of('frank') }
  return async (person = 'olga') => `Bearer ${await tokens[person]()}`
}

/** Another program, which shares no code with the ledger, and none with this one. */
function judge(product: Product): Judgement {
  const log =
    product.kafka === undefined
      ? { kind: 'postgres', url: product.databaseUrl('log') }
      : { kind: 'kafka', brokers: product.kafka.direct, topic }
  writeFileSync(join(product.directory, 'log.json'), JSON.stringify(log))
  const program = join(import.meta.dirname, 'check', 'main.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', program, product.directory], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  if (status !== 0) throw new Error(`the checker failed with ${status}: ${stderr}`)
  return Judgement.parse(JSON.parse(stdout))
}

function failuresOf(outcomes: readonly RoundOutcome[], acknowledged: number, { findings }: Judgement): string[] {
  const faults = outcomes.flatMap((outcome) => outcome.faults)
  const injected = faults.filter(({ struck }) => struck).length
  return [
    ...outcomes.flatMap(({ hangs, wrong, ownEnds, faults: struck }) => {
      const ended = ownEnds.map((end) => `ended by itself: ${end}`)
      const where = struck.map(({ number, deed }) => `${number}. ${deed}`).join(', ')
      return [...hangs, ...wrong, ...ended].map((problem) => `${where}: ${problem}`)
    }),
    ...findings.map(({ kind, count, examples }) => `${count} ${kind}: ${examples.join('; ')}`),
    ...(injected === 0 ? ['no fault was injected'] : []),
    ...(acknowledged === 0 ? ['nothing was acknowledged'] : []),
    ...(outcomes.every((outcome) => outcome.acknowledged === 0) ? ['nothing was acknowledged during faults'] : []),
  ]
}
