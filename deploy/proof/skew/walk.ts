import { run } from '@micropay/local/run-program.fixture'
import { repositoryRoot } from '@micropay/local/running'
import type { ServiceRow } from '@micropay/local/start/service-table'
import { systemClock } from '@micropay/runtime/clock'
import { createBalancer } from '../renewal/balancer.ts'
import { openAccounts } from '../renewal/callers.ts'
import { tokensOf } from '../renewal/renew.ts'
import type { Service } from '../torture/service.ts'
import { type Probe, startProbe } from './probe.ts'
import { type SkewedService, type SkewedSite, startSkewedSite } from './skewed-site.ts'

/** Readers of the log first, those who write it after them, and then who stands before all (docs/deployment.md). */
const order: readonly ServiceRow['kind'][] = ['projection', 'read-side', 'write-side', 'gateway']
const readyWithinMs = 240_000
const endsWithinMs = 20_000

type Options = { readonly directory: string; readonly before: string; say(text: string): void }

/**
 * Goes from the release in `before` to this one, service by service: each runs beside that of the other release on one
 * log for a while, and people pay and look before, meanwhile and after. Then the write side and the gateway go back and
 * come again. In the end both releases verify the log. Throws an Error with what was not as it should be.
 */
export async function walk({ directory, before, say }: Options): Promise<void> {
  const site = await startSkewedSite(directory)
  try {
    const running = new Map<SkewedService, Service>()
    const sorted = site.services.toSorted((one, other) => order.indexOf(one.row.kind) - order.indexOf(other.row.kind))
    for (const one of site.services) running.set(one, await one.open(before, 'there'))
    for (const [{ row }, process] of running) await untilReady(process, row)
    const balancer = createBalancer([site.gatewayUrl])
    const tokens = tokensOf(site.issuerUrl)
    await openAccounts(balancer, tokens)
    const probe = startProbe(balancer, tokens)
    await probe.ask('all are of the release before')
    const change = (one: SkewedService, root: string, what: string) =>
      replace(one, { running, root, probe, what, gatewayUrl: site.gatewayUrl, say })
    for (const one of sorted) await change(one, repositoryRoot, 'the release before, beside this one')
    const going = sorted.filter(({ row }) => row.kind === 'write-side' || row.kind === 'gateway')
    for (const one of going.toReversed()) await change(one, before, 'this release, beside the one before')
    for (const one of going) await change(one, repositoryRoot, 'the release before, once more')
    await verify(site, { 'this release': repositoryRoot, 'the release before': before }, say)
    say(`${probe.made()} payments were made, and each was seen by all.`)
  } finally {
    await site.stop()
  }
}

type Change = {
  readonly running: Map<SkewedService, Service>
  readonly root: string
  readonly probe: Probe
  readonly what: string
  readonly gatewayUrl: string
  say(text: string): void
}

/** The other release is started beside the one that runs, which ends; then it takes its place. */
async function replace(one: SkewedService, { running, root, probe, what, gatewayUrl, say }: Change): Promise<void> {
  const { row } = one
  const beside = await one.open(root, 'beside')
  await untilReady(beside, row)
  const both = row.kind === 'gateway' ? createBalancer([gatewayUrl, beside.url]) : undefined
  await probe.ask(`${row.name}: ${what}`, both)
  const { how } = (await running.get(one)?.terminate(endsWithinMs)) ?? { how: 'it did not run' }
  if (how !== 'exit code 0') throw new Error(`${row.name} on SIGTERM: ${how}`)
  const there = await one.open(root, 'there')
  await untilReady(there, row)
  await beside.terminate(endsWithinMs)
  running.set(one, there)
  await probe.ask(`${row.name}: alone of its release`)
  say(`  ${row.name}: ${what}`)
}

/** Ready, and with nothing that it is still building. */
async function untilReady({ name, url }: Service, { kind }: ServiceRow): Promise<void> {
  const endsAtMs = systemClock.monotonicMs() + readyWithinMs
  for (let said = ''; ; ) {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
    said = answer ? `${answer.status} ${await answer.text()}` : 'nothing'
    const isBuilding = kind === 'projection' && /build/.test(said)
    if (answer?.status === 200 && !isBuilding) return
    if (systemClock.monotonicMs() > endsAtMs) throw new Error(`${name} is not ready: ${said}`)
    await systemClock.sleep(200)
  }
}

async function verify(
  { logEnvironment }: SkewedSite,
  releases: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<void> {
  for (const [name, root] of Object.entries(releases)) {
    const settings = { MICROPAY_HOME: '/nonexistent', ...logEnvironment }
    const { code, output } = await run(`${root}/deploy/cli/main.ts`, ['verify'], settings).ended
    if (code !== 0) throw new Error(`${name} finds the log unsound:\n${output}`)
    say(`  ${name} finds the log sound`)
  }
}
