import { systemClock } from '@micropay/runtime/clock'
import { ask, type Command, type Person } from './ask.ts'
import { type Client, untilKnown } from './client.ts'

const DAY_MS = 86_400_000
/** The checker does not know what finance has seen: only where it stood when they looked. */
const digest = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'

/** So many days before today, in UTC. */
export function dayBefore(days: number): string {
  return new Date(systemClock.nowMs() - days * DAY_MS).toISOString().slice(0, 10)
}

/** An operator asks for another limit, which takes a second person. */
export async function changeLimit(client: Client, command: Command, accountId: string): Promise<void> {
  const overdraftLimit = client.random.pick(['0', '500', '800'])
  const asked = { ...command, path: `/v1/accounts/${accountId}/change`, body: { overdraftLimit } }
  await decideTogether(client, asked, ['otto', 'fiona'])
}

/** Finance closes the days up to one of the last weeks, and now and then has them reopened by another of them. */
export async function closeDays(client: Client, command: Command): Promise<void> {
  const { position } = await untilKnown(client, command)
  const seen = Number(position?.split(':')[1] ?? 0)
  const body = { through: dayBefore(client.random.between(1, 20)), seq: seen, digest }
  const closing = { ...command, key: `${command.key}:close`, path: '/v1/periods', body, person: 'fiona' as const }
  const { periodId } = await untilKnown(client, closing)
  if (periodId === undefined || client.random.chance(0.2)) return
  const reopening = { path: `/v1/periods/${periodId}/reopen`, body: { reason: 'a correction' } }
  await decideTogether(client, { ...closing, ...reopening, key: `${command.key}:reopen` }, ['frank', 'otto'])
}

/** All at once: its maker approves it, somebody approves what it is not, one refuses it, and two approve it. */
async function decideTogether(client: Client, command: Command, others: readonly [Person, Person]): Promise<void> {
  const { proposalId, hash = '' } = await untilKnown(client, command)
  if (proposalId === undefined) return
  const path = `/v1/approvals/${proposalId}`
  const approve = (key: string, person: Person | undefined, seen = hash): Command => ({
    ...{ key: `${command.key}:${key}`, path: `${path}/approve`, body: { hash: seen }, patienceMs: command.patienceMs },
    ...(person === undefined ? {} : { person }),
  })
  const refusal = { ...approve('refuse', others[0]), path: `${path}/refuse`, body: { reason: 'not so' } }
  const all = [
    approve('maker', command.person),
    ...(client.random.chance(0.3) ? [approve('another', others[0], digest)] : []),
    ...(client.random.chance(0.3) ? [refusal] : []),
    ...others.map((person) => approve(person, person)),
  ]
  await Promise.all(all.map((each) => ask(client.asking, each, client.random.pick(client.workers))))
  for (const each of all) await untilKnown(client, each)
}
