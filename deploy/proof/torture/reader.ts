import { systemClock } from '@micropay/runtime/clock'
import { textIn } from './ask.ts'
import { accounts } from './clients.ts'
import type { Journal } from './journal.ts'
import { randomOf } from './random.ts'

export type Reader = {
  /** When a read was last answered that reflects at least that position; undefined when none was yet. */
  freshAtMs(): number | undefined
  stop(): Promise<void>
}

export type ReaderOptions = {
  readonly journal: Journal
  readonly url: string
  readonly seed: string
  token(): Promise<string>
  /** The newest position that a client was told. */
  newest(): string | undefined
}

const everyMs = 300

/** Asks for balances as of the newest position that anyone was told, and writes down what it is told. */
export function startReader(options: ReaderOptions): Reader {
  const random = randomOf(options.seed, 'reader')
  const stopping = new AbortController()
  let freshAtMs: number | undefined
  const running = (async () => {
    while (await systemClock.sleep(everyMs, stopping.signal)) {
      const atLeast = options.newest()
      if (atLeast === undefined) continue
      const askedAtMs = systemClock.monotonicMs()
      if (await read(options, random.pick(accounts).id, atLeast)) freshAtMs = askedAtMs
    }
  })()
  return {
    freshAtMs: () => freshAtMs,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Whether it was answered with a balance that reflects `atLeast`. */
export async function read(
  { journal, url, token }: Pick<ReaderOptions, 'journal' | 'url' | 'token'>,
  accountId: string,
  atLeast: string,
): Promise<boolean> {
  const line = { line: 'read', accountId, atLeast } as const
  try {
    const answer = await fetch(`${url}/v1/accounts/${accountId}`, {
      headers: { authorization: await token(), 'at-least': atLeast, prefer: 'wait=5' },
      signal: AbortSignal.timeout(12_000),
    })
    const told: unknown = await answer.json()
    const position = answer.headers.get('position') ?? undefined
    const stale = answer.headers.get('stale') === 'true'
    journal.write({
      ...{ ...line, at: systemClock.nowMs(), status: answer.status, position, stale },
      balance: textIn(told, 'balance'),
    })
    return answer.status === 200
  } catch {
    journal.write({ ...line, at: systemClock.nowMs(), status: 0 })
    return false
  }
}
