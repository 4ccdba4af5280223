import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import type { Ground } from './draw-faults.ts'
import type { TortureResult } from './result.ts'

/** One section for each log, of its last run. */
const headingOf = ({ log, partitions }: Ground) =>
  `## Real faults, LOG=${log}${partitions === 1 ? '' : `, ${partitions} partitions`}`
const path = join(repositoryRoot, 'docs', 'reliability.md')

/** Date, machine, what was injected, and what came of it, as Markdown. */
export function reportOf({ options, startedAt, endedAt, outcomes, acknowledged, judgement, failures }: TortureResult) {
  const faults = outcomes.flatMap((outcome) => outcome.faults)
  const { model } = cpus()[0] ?? { model: 'unknown processor' }
  const minutes = Math.round((endedAt - startedAt) / 60_000)
  const from = options.from > 1 ? ` --from ${options.from}` : ''
  const partitions = options.partitions > 1 ? ` --partitions ${options.partitions}` : ''
  const command = `torture --faults ${options.faults} --seed ${options.seed} --log ${options.log}${partitions}${from}`
  const counts = judgement.counts
  const struck = faults.filter((fault) => fault.struck).length
  return [
    headingOf(options),
    '',
    `${new Date(startedAt).toISOString().slice(0, 10)}, ${minutes} minutes on ${cpus().length} processors ` +
      `(${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB:`,
    `\`npx pnpm@12 ${command}\`.`,
    '',
    `${faults.length} faults in ${outcomes.length} rounds, ${faults.length - struck} of which struck nobody; ` +
      `${acknowledged} answers of success, ${counts.commits ?? 0} commits, ` +
      `${counts.paymentsAcross ?? 0} payments across partitions, ${counts.reads ?? 0} balances read.`,
    '',
    '| what was wrong | how often |',
    '| --- | --- |',
    ...judgement.findings.map(({ kind, count }) => `| ${kind} | ${count} |`),
    `| what did not come back by itself | ${sum(outcomes.map(({ hangs }) => hangs.length))} |`,
    `| processes that ended by themselves | ${sum(outcomes.map(({ ownEnds }) => ownEnds.length))} |`,
    `| anything else | ${sum(outcomes.map(({ wrong }) => wrong.length))} |`,
    '',
    '| fault | injected | struck |',
    '| --- | --- | --- |',
    ...countsByKind(faults).map(([kind, injected, struck]) => `| ${kind} | ${injected} | ${struck} |`),
    '',
    '| measured | times | median | longest |',
    '| --- | --- | --- | --- |',
    ...measuredLines(outcomes),
    '',
    failures.length === 0 ? 'Nothing failed.' : `${failures.length} failures.`,
    '',
  ].join('\n')
}

/** Puts the report in the place of the last one in docs/reliability.md. */
export async function writeReport(result: TortureResult): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => '# How reliability is proved\n')
  const heading = headingOf(result.options)
  const at = before.indexOf(heading)
  const kept = at < 0 ? `${before.trimEnd()}\n\n` : before.slice(0, at)
  const next = at < 0 ? -1 : before.indexOf('\n## ', at + heading.length)
  await writeFile(path, `${kept}${reportOf(result)}${next < 0 ? '' : before.slice(next)}`)
}

type Faults = TortureResult['outcomes'][number]['faults']

function countsByKind(faults: Faults): readonly (readonly [string, number, number])[] {
  const groups = Map.groupBy(faults, ({ kind }) => kind)
  return Array.from(
    groups,
    ([kind, all]) => [kind, all.length, all.filter(({ struck }) => struck).length] as const,
  ).sort(([one], [other]) => one.localeCompare(other))
}

function measuredLines(outcomes: TortureResult['outcomes']): readonly string[] {
  const faults = outcomes.flatMap((outcome) => outcome.faults)
  const takeovers = (kind: string) =>
    faults.filter((fault) => fault.kind === kind).flatMap(({ takeoverMs }) => takeoverMs ?? [])
  return [
    ['another worker has taken over after kill -9', takeovers('kill worker')],
    ['another worker has taken over after SIGSTOP', takeovers('stop worker')],
    ['another worker has taken over after SIGTERM', takeovers('terminate worker')],
    ['another projection has taken over after kill -9', takeovers('kill projection')],
    ['another projection has taken over after SIGSTOP', takeovers('stop projection')],
    ['acknowledges again after all was healed', outcomes.flatMap(({ servedAfterMs }) => servedAfterMs ?? [])],
    ['shows it to readers after all was healed', outcomes.flatMap(({ readAfterMs }) => readAfterMs ?? [])],
  ].map(([name, times]) => measured(String(name), Array.isArray(times) ? times : []))
}

function measured(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`)
  return `| ${name} | ${sorted.length} | ${seconds(sorted[sorted.length >> 1])} | ${seconds(sorted.at(-1))} |`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
