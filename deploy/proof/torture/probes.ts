import { systemClock } from '@micropay/runtime/clock'
import { type Asking, ask, type Target } from './ask.ts'
import { type Clients, currency, idOn, MOST_PARTITIONS } from './clients.ts'

const payers = Array.from({ length: MOST_PARTITIONS }, (_, partition) => idOn(partition, `probe:${partition}`))
const payees = Array.from({ length: MOST_PARTITIONS }, (_, partition) => idOn(partition, `probed:${partition}`))
/** Two accounts on each of eight partitions, that nobody else pays from or to. */
export const probed = [...payers, ...payees].map((id) => ({ id, overdraftLimit: 'unlimited' }))

const everyMs = 700
const patienceMs = 5_000

/**
 * Pays inside each partition of several, now here and now there, each time anew: what is acknowledged says which of
 * them are decided, whatever else is the matter with clients and accounts.
 */
export function startProbes(
  asking: Asking,
  workers: readonly Target[],
  { seed, partitions }: { readonly seed: string; readonly partitions: number },
): Clients {
  const stopping = new AbortController()
  const probe = async (partition: number) => {
    const [from, to] = [payers[partition] ?? '', payees[partition] ?? '']
    const body = { postings: [{ from, to, amount: '1', currency }] }
    for (let number = 0; await systemClock.sleep(everyMs, stopping.signal); number += 1) {
      const worker = workers[(partition + number) % workers.length]
      const command = { key: `${seed}:probe:${partition}:${number}`, path: '/v1/payments', body, patienceMs }
      if (worker) await ask(asking, command, worker)
    }
  }
  // Of one partition every client says so.
  const running = partitions === 1 ? [] : Array.from({ length: partitions }, (_, partition) => probe(partition))
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}
