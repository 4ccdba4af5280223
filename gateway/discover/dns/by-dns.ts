import { lookup, Resolver } from 'node:dns/promises'
import type { Discovery, Place } from '../discovery.ts'
import { type Found, keepLooking, type LookingOptions } from '../keep-looking.ts'

export type DnsOptions = Pick<LookingOptions, 'service' | 'clock' | 'log'> & {
  /** The scheme, name and port that requests go to. */
  readonly url: URL
  /** Whether the name is of SRV records, which say host and port. */
  readonly isSrv: boolean
  /** `host:port` of name servers; those of the system unless given. */
  readonly servers?: readonly string[]
}

const ANSWERED_WITHIN_MS = 2_000
/** An answer is believed as long as it says, within these. */
const [LEAST_MS, MOST_MS] = [1_000, 30_000]
/** One that does not say, from the hosts file or of SRV records. */
const USUAL_MS = 2_000

/** Every address of a name is an instance: as headless services of Kubernetes and names of Compose have them. */
export function byDns({ url, isSrv, servers, ...options }: DnsOptions): Discovery {
  const resolver = new Resolver({ timeout: ANSWERED_WITHIN_MS, tries: 1 })
  if (servers) resolver.setServers([...servers])
  const find = isSrv ? () => bySrv(resolver, url) : byAddress(resolver, url)
  return keepLooking({ ...options, at: `${isSrv ? 'srv' : 'dns'}:${url.hostname}`, find })
}

type Kind = 'resolve4' | 'resolve6'
type Address = { readonly address: string; readonly ttl: number }
type Answer = { readonly kind: Kind; readonly records: readonly Address[]; readonly failure?: unknown }

function byAddress(resolver: Resolver, { origin, hostname }: URL): () => Promise<Found> {
  const had = new Set<Kind>()
  const ask = (kind: Kind): Promise<Answer> =>
    resolver[kind](hostname, { ttl: true })
      .catch(noneOrFailed)
      .then(
        (records) => ({ kind, records }),
        (failure: unknown) => ({ kind, records: [], failure }),
      )
  return async () => {
    const answers = await Promise.all([ask('resolve4'), ask('resolve6')])
    const records = answers.flatMap((answer) => answer.records)
    const failed = answers.find(({ kind, failure }) => failure !== undefined && (records.length === 0 || had.has(kind)))
    if (failed) throw failed.failure
    for (const { kind, records: found } of answers) if (found.length > 0) had.add(kind)
    // Names of the hosts file, and short ones that the system completes.
    if (records.length === 0)
      return { places: placesAt(origin, await lookup(hostname, { all: true })), forMs: USUAL_MS }
    const seconds = Math.min(...records.map(({ ttl }) => ttl))
    return { places: placesAt(origin, records), forMs: Math.min(Math.max(seconds * 1_000, LEAST_MS), MOST_MS) }
  }
}

function placesAt(origin: string, records: readonly { readonly address: string }[]): readonly Place[] {
  return [...new Set(records.map(({ address }) => address))].map((address) => ({ origin, address }))
}

/** Of the records of the best priority; what they weigh is for who cannot see how busy each instance is. */
async function bySrv(resolver: Resolver, { protocol, hostname }: URL): Promise<Found> {
  const records = await resolver.resolveSrv(hostname).catch(noneOrFailed)
  const best = Math.min(...records.map(({ priority }) => priority))
  const used = records.filter(({ priority }) => priority === best)
  const origins = new Set(used.map(({ name, port }) => new URL(`${protocol}//${name}:${port}`).origin))
  return { places: Array.from(origins, (origin) => ({ origin })), forMs: USUAL_MS }
}

/**
 * That there is none of that kind is an answer. Half an answer would be taken for all instances, but where that half
 * never had any: some name servers fail for addresses of IPv6 that nobody has given the name.
 */
function noneOrFailed(error: unknown): [] {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ENOTFOUND' || code === 'ENODATA') return []
  throw error
}
