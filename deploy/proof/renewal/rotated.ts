import { readFileSync } from 'node:fs'
import { systemClock } from '@micropay/runtime/clock'
import type { Site, SiteService } from './site.ts'
import { newKey, type RingName, ringNames } from './site-rings.ts'

/** A secret of the site, or what stands for one, on its way to the next: each step settles when it holds everywhere. */
export type Rotated = {
  readonly name: string
  /** What is new is taken, and nobody uses it yet. */
  take(): Promise<void>
  /** What is new is used, and what is old is still taken. */
  use(): Promise<void>
  /** What is old is of no use any more. */
  forget(): Promise<void>
}

const HOUR_MS = 3_600_000
const takenWithinMs = 120_000

/** The certificates of all services, and the authority that issues them. */
export async function rotatedCertificates({ certificates, authority, ...site }: Site): Promise<Rotated> {
  const next = await certificates.make('the next authority')
  const all = [...site.workers, ...site.readServices, ...site.projections, ...site.gateways]
  const inAll = (act: () => Promise<void>) => allSay(all, /"a new certificate is in use"/, act)
  return {
    name: 'certificates and their authority',
    take: () => inAll(() => certificates.trust(authority, next)),
    use: () => inAll(() => certificates.issue(next, HOUR_MS)),
    forget: () => inAll(() => certificates.trust(next)),
  }
}

/** `between` is done before the old key is taken away, by those who hold what it made. */
export function rotatedRings(site: Site, between: (name: RingName) => Promise<void>): readonly Rotated[] {
  const holders: Readonly<Record<RingName, readonly SiteService[]>> = {
    SESSION_SECRET: site.gateways,
    CURSOR_SECRET: site.readServices,
    OIDC_CLIENT_SECRET: [...site.gateways, site.issuer],
    REQUEST_HASH_KEY: site.workers,
  }
  return ringNames.map((name) => {
    const [old, fresh] = [site.rings.first(name), newKey()]
    const write = (...keys: readonly string[]) =>
      allSay(holders[name], new RegExp(`"changed":\\[[^\\]]*"${name}"`), () => site.rings.write(name, keys))
    return {
      name,
      take: () => write(old, fresh),
      use: () => write(fresh, old),
      async forget() {
        await between(name)
        await write(fresh)
      },
    }
  })
}

/** The key by which the issuer signs. It publishes the one before until the next renewal. */
export function rotatedIssuerKey({ issuer }: Site, askForTokens: () => void): Rotated {
  return {
    name: "the issuer's signing key",
    take: async () => undefined,
    async use() {
      await allSay([issuer], /"a new key signs from now on"/, async () => {
        process.kill(issuer.pid() ?? 0, 'SIGUSR2')
      })
      askForTokens()
    },
    forget: async () => undefined,
  }
}

/** Until each of them has said so once more than before. */
async function allSay(all: readonly SiteService[], what: RegExp, act: () => Promise<void>): Promise<void> {
  const times = ({ logPath }: SiteService) =>
    readFileSync(logPath, 'utf8')
      .split('\n')
      .filter((line) => what.test(line)).length
  const before = all.map(times)
  await act()
  const endsAtMs = systemClock.monotonicMs() + takenWithinMs
  for (;;) {
    const waiting = all.filter((one, index) => times(one) <= (before[index] ?? 0))
    if (waiting.length === 0) return
    if (systemClock.monotonicMs() > endsAtMs) {
      throw new Error(`not said by ${waiting.map(({ name }) => name).join(', ')}: ${what}`)
    }
    await systemClock.sleep(100)
  }
}
