import { systemClock } from '@micropay/runtime/clock'
import { createBalancer } from './balancer.ts'
import { ids, type Noted, openAccounts, startCallers, type Tokens } from './callers.ts'
import { type Step, type Stepping, stepping, tokensOf, untilShared } from './renew.ts'
import { type Rotated, rotatedCertificates, rotatedIssuerKey, rotatedRings } from './rotated.ts'
import { startSite } from './site.ts'
import { whoRemembers } from './who-remembers.ts'

export type RotationOptions = {
  readonly directory: string
  readonly copies: 1 | 2
  /** All at the same time, which takes less of it. One after the other says of a failure what led to it. */
  readonly together: boolean
  say(text: string): void
}

/** Renews every certificate, key and secret of a site under load. */
export async function rotateAll({ directory, copies, together, say }: RotationOptions): Promise<readonly Step[]> {
  const site = await startSite(directory, copies)
  try {
    const balancer = createBalancer(site.gateways.map(({ url }) => url))
    const { tokens, askAnew } = renewedTokens(site.issuerUrl)
    await openAccounts(balancer, tokens)
    await untilShared(site, tokens)
    const [gateway] = site.gateways
    const remembering = await whoRemembers(gateway?.url ?? '', balancer, tokens)
    const callers = startCallers(balancer, tokens, [...remembering.acts, ...crowd(tokens)])
    const steps: Step[] = []
    const step = stepping(callers, steps, say)
    try {
      const rings = rotatedRings(site, async (name) => {
        if (name === 'SESSION_SECRET') await remembering.signInAnew()
        if (name === 'REQUEST_HASH_KEY') await remembering.repeatFirst()
      })
      const all = [await rotatedCertificates(site), rotatedIssuerKey(site, askAnew), ...rings]
      for (const some of together ? [all] : all.map((one) => [one])) await rotate(some, step)
      await remembering.signInAnew()
    } finally {
      await callers.stop()
    }
    return steps
  } finally {
    await site.stop()
  }
}

async function rotate(some: readonly Rotated[], step: Stepping): Promise<void> {
  const names = some.map(({ name }) => name).join(', ')
  await step('new ones are taken', names, () => Promise.all(some.map((one) => one.take())))
  await step('new ones are used', names, () => Promise.all(some.map((one) => one.use())))
  await step('old ones are gone', names, () => Promise.all(some.map((one) => one.forget())))
}

/** As tokens that callers got long ago end, those that they get then are signed by the key of then. */
function renewedTokens(issuerUrl: string) {
  let now = tokensOf(issuerUrl)
  const tokens: Tokens = {
    operator: () => now.operator(),
    finance: () => now.finance(),
    auditor: () => now.auditor(),
  }
  const askAnew = () => {
    now = tokensOf(issuerUrl)
  }
  return { tokens, askAnew }
}

const CROWD = 24
const restsMs = 3_000

/** Who comes now and then, all at once: more than there are connections, so that some are made anew each time. */
function crowd(tokens: Tokens) {
  const path = `/v1/accounts/${encodeURIComponent(ids[0]?.[0] ?? '')}`
  const come = async (ask: Noted) => {
    const headers = { authorization: `Bearer ${await tokens.operator()}` }
    await Promise.all(Array.from({ length: CROWD }, () => ask({ method: 'GET', path, headers })))
    await systemClock.sleep(restsMs)
  }
  return [come]
}
