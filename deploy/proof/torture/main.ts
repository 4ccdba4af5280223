import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'
import { readOptions, type TortureOptions, usage } from './options.ts'
import { reportOf, writeReport } from './report.ts'
import { torture } from './torture.ts'

/**
 * `npx pnpm@12 torture`: real faults under load, and what came of them. Exit code 1 when anything was lost, doubled,
 * misread or hung, or when nothing was tried; 2 for arguments that are wrong.
 */
const say = (text: string) => void process.stdout.write(`${text}\n`)
const today = new Date(systemClock.nowMs()).toISOString().slice(0, 10)

let options: TortureOptions | 'help'
try {
  options = readOptions(process.argv.slice(2), today)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exit(2)
}
// Who ends by a signal runs nothing at its exit, where processes are ended and disks unmounted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (options === 'help') say(usage)
else await run(options)

async function run(wanted: TortureOptions): Promise<void> {
  const { faults, seed, log, from, partitions } = wanted
  const on = partitions > 1 ? ` --partitions ${partitions}` : ''
  say(`torture --faults ${faults} --seed ${seed} --log ${log}${on}${from > 1 ? ` --from ${from}` : ''}`)
  const directory =
    wanted.keep === undefined ? await mkdtemp(join(tmpdir(), 'micropay-torture-')) : resolve(wanted.keep)
  const result = await torture(wanted, directory, say)
  say(reportOf(result))
  if (wanted.report) await writeReport(result)
  for (const failure of result.failures) say(`FAILED ${failure}`)
  if (result.failures.length > 0) say(`What the processes and the clients wrote is in ${directory}`)
  else if (wanted.keep === undefined) await rm(directory, { recursive: true, force: true })
  process.exit(result.failures.length > 0 ? 1 : 0)
}
