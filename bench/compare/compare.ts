import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Commit, checkOut, commitOf, countChanges } from '@micropay/local/checkout'
import type { CompareArguments } from '../arguments.ts'
import { withCleanUp } from '../clean-up.ts'
import { type LogName, layGround } from '../ground.ts'
import { machineName } from '../machine.ts'
import { titleOf } from './measures.ts'
import { fewestRounds } from './paired.ts'
import { ratioTable } from './ratios.ts'
import { type Rounds, runRounds } from './rounds.ts'
import { CONFIDENCE, comparisonTable, confidenceOfEach, figuresOf } from './verdict.ts'

type Compared = { readonly log: LogName; readonly results: readonly Rounds[] }

/**
 * Measures the checkout as it stands (B) against another revision (A), in turn and on the same servers, and says what
 * differs by more than noise. Load generator, stores, issuer and Node are those of this checkout for both.
 */
export async function compare(options: CompareArguments): Promise<void> {
  const repository = fileURLToPath(new URL('../..', import.meta.url))
  const [head, changes] = [await commitOf(repository, 'HEAD'), await countChanges(repository)]
  const isSame = options.base === '.'
  const a = isSame ? head && { ...head, changes } : await commitOf(repository, options.base)
  if (!a || !head) {
    console.error(`--compare takes . or a git revision of this repository, and ${options.base} is none: is it fetched?`)
    process.exitCode = 2
    return
  }
  const machine = machineName()
  const b = { ...head, changes }
  console.log(`# ${new Date().toISOString().slice(0, 10)}, ${machine}\n`)
  console.log(sideTitle('a', { changes: 0, ...a }, options))
  console.log(`${sideTitle('b', b, options)}\n`)
  const compared: Compared[] = []
  await withCleanUp(async (defer) => {
    const roots = { a: isSame ? repository : await checkOut(repository, a, defer), b: repository }
    for (const log of options.logs) {
      await withCleanUp(async (deferOfLog) => {
        const ground = await layGround(log)
        deferOfLog(() => ground.stop())
        compared.push({ log, results: await runRounds(ground, roots, options, deferOfLog) })
      })
    }
  })
  report(compared, options)
  if (options.json) await writeFile(options.json, JSON.stringify({ at: new Date(), machine, a, b, compared }, null, 2))
}

function sideTitle(
  side: 'a' | 'b',
  { hash, title, changes }: Commit & { changes: number },
  { partitions, workers }: CompareArguments,
): string {
  const more = changes > 0 ? `, and ${changes} files that are not committed` : ''
  const counted = (count: number, what: string) => (count === 1 ? `one ${what}` : `${count} ${what}s`)
  const shared = workers === undefined ? '' : `, ${counted(workers[side], 'worker')} behind a gateway`
  return `${side.toUpperCase()}: ${hash} ${title}${more}; ${counted(partitions[side], 'partition')}${shared}`
}

/** All that is told is told at the end: how sure each verdict must be depends on how many there are. */
function report(compared: readonly Compared[], { rounds, seconds, connections }: CompareArguments): void {
  const valid = compared.flatMap(({ results }) => results).filter(({ failure }) => failure === undefined)
  const verdicts = valid.flatMap(figuresOf).filter(({ tells }) => tells !== 'nothing')
  const confidence = confidenceOfEach(verdicts.length)
  for (const { log, results } of compared) {
    const title = `${log}, ${connections} connections, ${rounds} rounds of ${seconds} s a side`
    console.log(`${comparisonTable(title, results, confidence)}\n`)
    const ratios = ratioTable(results)
    if (ratios) console.log(`${ratios}\n`)
  }
  for (const { measure } of compared[0]?.results ?? []) console.log(`${measure}: ${titleOf[measure]}.`)
  console.log("A and B are medians of rounds; µs and ms are a payment's (of rebuilds, a record's).")
  console.log(`All intervals of this run hold together by ${CONFIDENCE * 100} %.`)
  if (!valid.some(({ a }) => a[0]?.cpuMicros)) console.log('The CPU of processes is not known here: there is no /proc.')
  const fewest = fewestRounds(confidence)
  if (rounds < fewest) console.log(`With fewer than ${fewest} rounds nothing can be told: --rounds ${fewest} or more.`)
  if (valid.length < compared.flatMap(({ results }) => results).length) process.exitCode = 1
}
