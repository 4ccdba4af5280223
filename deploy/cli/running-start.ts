import { type Running, readRunning } from '@micropay/local/running'
import { isStart } from '@micropay/local/start-process'
import { InputError } from '@micropay/sdk/input-error'
import { z } from 'zod'

const IssuerReady = z.object({ instance: z.string() })

/**
 * The `start` that runs on this state directory; undefined when none was started there, or it was stopped in order.
 * Throws InputError when the one that is named there has ended, or another answers at its address: what is asked for
 * must not reach a ledger that was not meant.
 */
export async function runningStart(home: string): Promise<Running | undefined> {
  const running = await readRunning(home)
  if (running === undefined) return undefined
  const instead = 'Start it again ("npx pnpm@12 start"), or name another with --url and --issuer.'
  if (!isStart(running.pid)) {
    throw new InputError(`the MicroPay of ${home} (process ${running.pid}) has ended without a word. ${instead}`)
  }
  const instance = await instanceAt(running.issuer)
  if (running.instance !== undefined && instance !== undefined && instance !== running.instance) {
    throw new InputError(`another MicroPay than that of ${home} answers at ${running.issuer}. ${instead}`)
  }
  return running
}

/** Undefined when nothing answers, which is then told by who needs it: it may be starting again. */
async function instanceAt(issuer: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${issuer}/health/ready`, { signal: AbortSignal.timeout(5_000) })
    return IssuerReady.safeParse(await answer.json().catch(() => undefined)).data?.instance ?? 'none'
  } catch {
    return undefined
  }
}
