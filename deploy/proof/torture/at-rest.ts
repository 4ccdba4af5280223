import { systemClock } from '@micropay/runtime/clock'
import { valueIn } from './ask.ts'
import type { Product } from './product.ts'
import { partitionsAt } from './workers-say.ts'

/** A payment may stay open for a minute, and then ends as soon as its partitions can speak to each other. */
const endsWithinMs = 100_000

/**
 * Undefined once no payment is under way any more and no message was put aside: no fault forges one. Otherwise what
 * there still is when there has been time enough.
 */
export async function whyNotAtRest(
  { services, partitions }: Product,
  token: () => Promise<string>,
  patience: number,
): Promise<string | undefined> {
  if (partitions === 1) return undefined
  const endsAtMs = systemClock.monotonicMs() + patience * endsWithinMs
  for (;;) {
    const items = await partitionsAt(services.a.url, await token(), patience).catch(() => [])
    const serving = items.filter((item) => valueIn(item, 'phase') === 'serving')
    const sum = (of: string, name: string) =>
      serving.reduce((total: number, item) => total + Number(valueIn(valueIn(item, of), name) ?? 0), 0)
    const [open, parked] = [sum('underWay', 'open'), sum('parked', 'kept')]
    if (serving.length === partitions && open === 0) {
      return parked === 0 ? undefined : `${parked} messages between partitions were put aside`
    }
    if (systemClock.monotonicMs() > endsAtMs) return `${open} payments are under way, on ${serving.length} partitions`
    await systemClock.sleep(250)
  }
}
