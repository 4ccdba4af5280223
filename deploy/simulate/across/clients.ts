import { partitionFor } from '@micropay/write-side/decide/decide'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { requestHashOf } from '@micropay/write-side/handle/request-hash'
import { again, hashKey, submit } from '../clients.ts'
import type { OwnerHost } from '../owner-host.ts'
import { probing } from './draw-intents.ts'
import { isFinal } from './is-final.ts'
import { PARTITIONS } from './partitions.ts'
import type { PlannedCommand } from './plan.ts'
import { hostsOf, type World } from './world.ts'

const LONGEST_REST_MS = 15_000
/** A probe tells how soon the ledger gets on, and not how seldom a client asks. */
const LONGEST_REST_OF_PROBE_MS = 500

/**
 * Asks as a client does: again with the same key while the answer is that it should, and while a payment is under way,
 * here or elsewhere.
 */
export async function runCommand(world: World, planned: PlannedCommand): Promise<CommandResult | undefined> {
  const { clients, knowledge, oracle } = world
  const request = requestOf(world, planned)
  const patient = planned.attempts === Number.POSITIVE_INFINITY
  if (patient) world.waiting += 1
  oracle.asked(request)
  const hosts = hostsOf(world, partitionFor(request.command, PARTITIONS))
  let at = clients.random.below(hosts.length)
  for (let attempt = 0; attempt < planned.attempts; attempt += 1) {
    const result = await submit(world, hosts[at % hosts.length] as OwnerHost, request)
    // Nobody cancels a probe, or gives it back.
    if (result && !planned.isProbe) knowledge.learn(request, result)
    if (result && isFinal(result) && !isToAsk(result)) {
      if (patient) world.waiting -= 1
      return result
    }
    // Who says that it is under way says later what became of it.
    if (!result || isFinal(result) || clients.random.chance(0.3)) at += 1
    const longestMs = planned.isProbe ? LONGEST_REST_OF_PROBE_MS : LONGEST_REST_MS
    await clients.clock.sleep(clients.random.between(5, Math.min(longestMs, 50 * 2 ** Math.min(attempt, 10))))
  }
  return undefined
}

function isToAsk(result: CommandResult): boolean {
  return result.kind === 'refused' && again.has(result.code)
}

function requestOf({ asks }: World, { intent, subject, key, wait }: PlannedCommand): CommandRequest {
  const command = asks(intent)
  return {
    ...{ command, tenant: 'main', mayBook: true, mayApprove: true, idempotencyKey: key, dryRun: false, wait },
    actor: { subject, client: 'simulated' },
    requestHash: requestHashOf(command, hashKey),
  }
}

/** Whether a payment from one partition to another, against which nothing speaks, comes about, if both are open. */
export async function probe(world: World, id: string, from: number, to: number): Promise<boolean> {
  const result = await runCommand(world, {
    ...{ id, atMs: 0, key: `probe ${id}`, intent: probing(from, to), subject: 'operator:olga' },
    ...{ attempts: 200, wait: { ms: 2_000, toTheEnd: true }, isProbe: true },
  })
  return result?.kind === 'accepted' || (result?.kind === 'rejected' && result.rejection.code === 'account_not_found')
}
