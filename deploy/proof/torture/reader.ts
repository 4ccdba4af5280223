import { systemClock } from '@micropay/runtime/clock'
import { textIn } from './ask.ts'
import { accounts } from './clients.ts'
import type { Journal } from './journal.ts'
import { randomOf } from './random.ts'

export type Reader = {
  /** The first that was asked for at or after that moment, and reflected all that anyone had been told by then. */
  firstFreshSince(askedAtMs: number): Fresh | undefined
  stop(): Promise<void>
}

export type Fresh = { readonly askedAtMs: number; readonly toldAtMs: number }

export type ReaderOptions = {
  readonly journal: Journal
  readonly url: string
  readonly seed: string
  token(): Promise<string>
  /** The newest position that a client was told. */
  newest(): string | undefined
}

const everyMs = 300
/** Enough for all that comes while one round of faults lasts. */
const kept = 1_000

/** Asks for balances as of the newest position that anyone was told, and writes down what it is told. */
export function startReader(options: ReaderOptions): Reader {
  const random = randomOf(options.seed, 'reader')
  const stopping = new AbortController()
  const fresh: Fresh[] = []
  const running = (async () => {
    while (await systemClock.sleep(everyMs, stopping.signal)) {
      const atLeast = options.newest()
      if (atLeast === undefined) continue
      const askedAtMs = systemClock.monotonicMs()
      if (!(await read(options, random.pick(accounts).id, atLeast))) continue
      fresh.push({ askedAtMs, toldAtMs: systemClock.monotonicMs() })
      if (fresh.length > kept) fresh.shift()
    }
  })()
  return {
    firstFreshSince: (askedAtMs) => fresh.find((one) => one.askedAtMs >= askedAtMs),
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
