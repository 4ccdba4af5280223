import { systemClock } from '@micropay/runtime/clock'
import { type Answer, type Asking, ask, type Command, type Target } from './ask.ts'
import type { Random } from './random.ts'

export type Client = {
  readonly asking: Asking
  readonly workers: readonly Target[]
  readonly random: Random
  readonly stopping: AbortSignal
  /** Of the ledger. */
  readonly partitions: number
  /** Who answered last. */
  worker: Target | undefined
}

/** One attempt, at whoever answered last. */
export async function once(client: Client, command: Command): Promise<Answer> {
  const worker = client.worker ?? client.random.pick(client.workers)
  const answer = await ask(client.asking, command, worker)
  const isUseful = answer.position !== undefined || (answer.status >= 400 && answer.status < 500)
  client.worker = isUseful ? worker : client.workers.find((other) => other !== worker)
  return answer
}

/** Longer than a payment may stay open, and another one takes to have its partition. */
const endsWithinMs = 120_000

/**
 * With the same key again and again, first here and then there, until it is decided or the load ends; what is under way
 * is followed to its end, whenever that is.
 */
export async function untilKnown(client: Client, command: Command): Promise<Answer> {
  const startedAtMs = systemClock.monotonicMs()
  for (;;) {
    const answer = await once(client, command)
    if (answer.isPending) {
      if (systemClock.monotonicMs() - startedAtMs > endsWithinMs && client.stopping.aborted) return answer
      await systemClock.sleep(client.random.between(150, 500))
      continue
    }
    if (answer.position !== undefined || answer.code === 'idempotency_key_reused' || client.stopping.aborted)
      return answer
    await systemClock.sleep(client.random.between(150, 500), client.stopping)
  }
}
