import { parseArgs } from 'node:util'
import type { LogName } from './draw-faults.ts'

export const usage = `npx pnpm@12 torture --faults N: the product under load and real faults

  --faults N     how many faults are injected
  --seed S       which ones (the day when it is left out); a run says its own
  --only KIND    those alone whose name has this in it, one at a time
  --from K       leaves out the rounds that lie before fault K
  --log LOG      postgres or kafka (three brokers); by the seed when it is left out
  --history N    payments that are booked before the first fault (0)
  --keep DIR     where everything is kept that the processes wrote, for who looks into a failure
  --report       write what came of it into docs/reliability.md
`

export type TortureOptions = {
  readonly faults: number
  readonly seed: string
  readonly from: number
  readonly only: string
  readonly log: LogName
  readonly history: number
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
      history: { type: 'string', default: '0' },
      keep: { type: 'string' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const seed = values.seed ?? today
  const log = values.log ?? logOf(seed)
  if (log !== 'postgres' && log !== 'kafka') throw new Error(`--log is ${log}, and must be postgres or kafka`)
  return {
    ...{ seed, log, keep: values.keep, only: values.only, report: values.report },
    faults: numberIn('faults', values.faults, 1),
    from: numberIn('from', values.from, 1),
    history: numberIn('history', values.history, 0),
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
