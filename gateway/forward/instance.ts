import type { Clock } from '@micropay/runtime/clock'
import type { Dispatcher, Pool } from 'undici'
import { z } from 'zod'
import { nameOf, type Place } from '../discover/discovery.ts'
import type { Requests } from './ask-in-turn.ts'
import { askReady } from './ask-ready.ts'
import { createInstanceHealth, type InstanceHealth, type Look } from './instance-health.ts'
import { forEachLane, type LaneName } from './lanes.ts'
import { codeOf, INSTANCE_AWAY, notReachedCodes } from './no-answer.ts'

export type Instance = {
  readonly name: string
  readonly health: InstanceHealth
  /** Whom to ask of each kind of traffic. */
  readonly requests: Readonly<Record<LaneName, Requests>>
  /** Answers of that kind that are not over yet. */
  underWay(lane: LaneName): number
  look(prefix: string): Promise<Look>
  /** Nobody waits for it any more who could ask another one. */
  breakOff(): void
  /** Takes nothing new; resolves when all that is open has ended. */
  leave(): Promise<void>
  /** Likewise, and ends what would never end. */
  close(): Promise<void>
}

/** Others answer these, and what is open of them would wait for long. */
const brokenOff: readonly LaneName[] = ['read', 'wait', 'events']
const Said = z.object({ reason: z.string() })

/** One process of a service, with connections of its own for each kind of traffic. */
export function openInstance(place: Place, open: (lane: LaneName) => Pool, clock: Clock): Instance {
  const pools = { ...forEachLane(open) }
  const counts = { ...forEachLane(() => 0) }
  const name = nameOf(place)

  async function ask(lane: LaneName, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    let left = 1
    counts[lane] += left
    const over = () => {
      counts[lane] -= left
      left = 0
    }
    try {
      const answer = await pools[lane].request(options)
      answer.body.once('end', over).once('close', over)
      return answer
    } catch (error) {
      over()
      throw error
    }
  }
  const requests = forEachLane((lane) => ({ request: (options: Dispatcher.RequestOptions) => ask(lane, options) }))
  return {
    name,
    health: createInstanceHealth(clock),
    requests,
    underWay: (lane) => counts[lane],
    look: (prefix) => lookAt(requests.health, prefix),
    breakOff() {
      for (const lane of brokenOff) {
        const left = pools[lane]
        pools[lane] = open(lane)
        const gone = Object.assign(new Error(`${name} does not answer`), { code: INSTANCE_AWAY })
        left.destroy(gone).catch(() => undefined)
      }
    },
    async leave() {
      await Promise.all(Object.values(pools).map((pool) => pool.close()))
    },
    async close() {
      const { events, ...ending } = pools
      // Of an instance that leaves some have ended before.
      const opened = Object.values(ending).filter((pool) => !pool.destroyed)
      await Promise.all([events.destroy(), ...opened.map((pool) => pool.close())])
    },
  }
}

async function lookAt(requests: Requests, prefix: string): Promise<Look> {
  try {
    const { statusCode, body } = await askReady(requests, prefix)
    const said = Said.safeParse(await body.json().catch(() => undefined)).data
    // What stands before a service may offer no health.
    if (statusCode !== 503) return { found: 'ready' }
    return { found: 'not ready', reason: said?.reason ?? 'answers 503' }
  } catch (error) {
    const isSure = notReachedCodes.has(codeOf(error)) && codeOf(error) !== 'UND_ERR_CONNECT_TIMEOUT'
    const reason = error instanceof Error ? error.message : String(error)
    return isSure ? { found: 'unreachable', reason } : { found: 'silent', reason: 'does not answer' }
  }
}
