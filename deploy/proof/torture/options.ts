import { parseArgs } from 'node:util'
import type { LogName } from './draw-faults.ts'

export const usage = `npx pnpm@12 torture --faults N: the product under load and real faults

  --faults N     how many faults are injected
  --seed S       which ones (the day when it is left out); a run says its own
  --only KIND    those alone whose name has this in it, one at a time
  --from K       leaves out the rounds that lie before fault K
  --partitions P partitions of the ledger, which both workers share: 1, 2, 4 or 8 (1)
  --log LOG      postgres or kafka (three brokers); by the seed when it is left out
  --history N    payments that are booked before the first fault (0)
  --patience N   how many times longer than usual all may take, on a machine that does other work (1)
  --keep DIR     where everything is kept that the processes wrote, for who looks into a failure
  --report       write what came of it into docs/reliability.md
`

export type TortureOptions = {
  readonly faults: number
  readonly seed: string
  readonly from: number
  readonly only: string
  readonly log: LogName
  readonly partitions: number
  readonly history: number
  readonly patience: number
  readonly keep: string | undefined
  readonly report: boolean
}

/** Reads the arguments; throws an Error that names what is wrong with them. */
export function readOptions(argv: readonly string[], today: string): TortureOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      faults: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      log: { type: 'string' },
      partitions: { type: 'string', default: '1' },
      history: { type: 'string', default: '0' },
      patience: { type: 'string', default: '1' },
      keep: { type: 'string' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const seed = values.seed ?? today
  const log = values.log ?? logOf(seed)
  if (log !== 'postgres' && log !== 'kafka') throw new Error(`--log is ${log}, and must be postgres or kafka`)
  const partitions = numberIn('partitions', values.partitions, 1)
  if (![1, 2, 4, 8].includes(partitions)) throw new Error(`--partitions is ${partitions}, and must be 1, 2, 4 or 8`)
  return {
    ...{ seed, log, partitions, keep: values.keep, only: values.only, report: values.report },
    faults: numberIn('faults', values.faults, 1),
    from: numberIn('from', values.from, 1),
    history: numberIn('history', values.history, 0),
    patience: numberIn('patience', values.patience, 1),
  }
}

/** One log on one day, the other on the next. */
export function logOf(seed: string): LogName {
  const sum = Array.from(seed).reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0)
  return sum % 2 === 0 ? 'postgres' : 'kafka'
}

function numberIn(name: string, text: string | undefined, least: number): number {
  if (text === undefined) throw new Error(`--${name} is missing: say how many`)
  if (!/^[0-9]{1,7}$/.test(text) || Number(text) < least) {
    throw new Error(`--${name} is ${JSON.stringify(text)}, and must be a whole number of ${least} or more`)
  }
  return Number(text)
}
