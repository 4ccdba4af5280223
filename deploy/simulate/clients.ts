import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { requestHashKey, requestHashOf } from '@micropay/write-side/handle/request-hash'
import { mayApprove, persons, probing } from './draw-intents.ts'
import { ask, NoAnswerError } from './network.ts'
import type { OwnerHost } from './owner-host.ts'
import type { PlannedCommand } from './plan.ts'
import { BEGINNING_MS } from './process.ts'
import type { World } from './world.ts'

/** Who waits longer than that for an answer takes it that there is none. */
const TIMEOUT_MS = 15_000
export const hashKey = requestHashKey('a key of the simulation')
/** What one hears who should ask again with the same key. */
export const again: ReadonlySet<string> = new Set([
  'not_owner',
  'outcome_unknown',
  'idempotency_key_in_flight',
  'overloaded',
  'rate_limited',
  'ledger_stopped',
])

/** Asks as a client does: again with the same key while the answer is that it should, here or elsewhere. */
export async function runCommand(world: World, planned: PlannedCommand): Promise<CommandResult | undefined> {
  const { clients } = world
  const request = requestOf(world, planned)
  const patient = planned.attempts === Number.POSITIVE_INFINITY
  if (patient) world.waiting += 1
  if (!planned.dryRun) world.oracle.asked(request)
  const first = clients.random.below(world.hosts.length)
  for (let attempt = 0; attempt < planned.attempts; attempt += 1) {
    const host = world.hosts[(first + attempt) % world.hosts.length] as OwnerHost
    const result = await submit(world, host, request)
    if (result && !(result.kind === 'refused' && again.has(result.code))) {
      if (patient) world.waiting -= 1
      world.knowledge.learn(request, result)
      return result
    }
    await clients.clock.sleep(clients.random.between(5, 50 * 2 ** Math.min(attempt, 5)))
  }
  return undefined
}

/** Whether a payment that nothing speaks against is acknowledged. */
export async function probe(world: World, id: string): Promise<boolean> {
  const planned = {
    ...{ id, atMs: 0, key: `probe ${id}` },
    ...{ intent: probing(), tenant: 'main', subject: persons[0], dryRun: false, attempts: 60 },
  }
  const result = await runCommand(world, planned)
  return result !== undefined && result.kind !== 'refused'
}

function requestOf({ commandFor, scheduler }: World, planned: PlannedCommand): CommandRequest {
  const { intent, tenant, subject, key, dryRun } = planned
  const command = commandFor(intent, BEGINNING_MS + scheduler.trueMs())
  return {
    ...{ command, tenant, mayBook: true, mayApprove: mayApprove(subject), idempotencyKey: key, dryRun },
    actor: { subject, client: 'simulated' },
    requestHash: requestHashOf(command, hashKey),
  }
}

/** Undefined when there was no answer. */
export function submit(
  { scheduler, clients }: Pick<World, 'scheduler' | 'clients'>,
  host: OwnerHost,
  request: CommandRequest,
): Promise<CommandResult | undefined> {
  const { clients: link } = host.links
  const asking = {
    scheduler,
    process: clients,
    link,
    label: `${host.name} ${request.idempotencyKey}`,
    timeoutMs: TIMEOUT_MS + (request.wait?.ms ?? 0),
  }
  return ask<CommandResult>(asking, ({ answer, fail }) =>
    host.submit(request, answer, () => fail(new NoAnswerError('the connection was closed'))),
  ).catch(() => undefined)
}
