import { systemClock } from '@micropay/runtime/clock'
import { partitionOf } from '@micropay/schemas/placement'
import { type Asking, ask, askBatch, type Command, type Target } from './ask.ts'
import { type Client, once, untilKnown } from './client.ts'
import { changeLimit, closeDays, dayBefore } from './governed-habits.ts'
import { type Random, randomOf } from './random.ts'

/** An account of that name on that one of eight partitions, and so on one of four or two. */
export function idOn(partition: number, name: string): string {
  for (let tag = 0; ; tag += 1) {
    const id = `{${tag}}${name}`
    if (partitionOf(id, MOST_PARTITIONS) === partition) return id
  }
}

export const MOST_PARTITIONS = 8

/**
 * Accounts that payments go between: some have plenty, one of them on each partition, some are near their limit all the
 * time.
 */
export const accounts: readonly { readonly id: string; readonly overdraftLimit: string }[] = [
  ...Array.from({ length: MOST_PARTITIONS }, (_, index) => ({
    ...{ id: idOn(index, `wide:${index}`), overdraftLimit: 'unlimited' },
  })),
  ...Array.from({ length: 6 }, (_, index) => ({
    ...{ id: idOn(index, `tight:${index}`), overdraftLimit: index % 2 === 0 ? '0' : '500' },
  })),
]
const limited = accounts.filter(({ overdraftLimit }) => overdraftLimit !== 'unlimited')
/** One that may not go below zero, and one that may. */
export const [poor, rich] = [idOn(0, 'tight:0'), idOn(0, 'wide:0')]
export const cash = 'cash:desk'
export const currency = 'EUR'

export type Clients = {
  /** Ends the load; settles when the last of them has had its answer. */
  stop(): Promise<void>
}

const loops = 12
/** Each asks twice a second or so: 25 to 30 payments a second together; half as many of several commits each. */
const pauseMs = { least: 250, most: 550 }
/** Some wait longer than a worker does, which answers after 10 s at the latest; others have gone long before. */
const patiencesMs = [1_000, 3_000, 14_000] as const

/** Clients that pay at a steady pace, ask again with the same key until they know, and sometimes misbehave. */
export function startClients(
  asking: Asking,
  workers: readonly Target[],
  { seed, partitions }: { readonly seed: string; readonly partitions: number },
): Clients {
  const stopping = new AbortController()
  const running = Array.from({ length: loops }, async (_, index) => {
    const random = randomOf(seed, `client ${index}`)
    const own = { random, stopping: stopping.signal, worker: workers[index % 2] }
    const client: Client = { asking, workers, partitions, ...own }
    const patienceMs = patiencesMs[index % patiencesMs.length] ?? 0
    for (let number = 0; !stopping.signal.aborted; number += 1) {
      await behave(client, `${seed}:${index}:${number}`, patienceMs)
      const times = partitions === 1 ? 1 : 2
      await systemClock.sleep(times * random.between(pauseMs.least, pauseMs.most), stopping.signal)
    }
  })
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

type Habit = {
  readonly weight: number
  /** Of ledgers with so many partitions alone. */
  readonly on?: 'one' | 'several'
  act(client: Client, command: Command): Promise<void>
}

const habits: readonly Habit[] = [
  { weight: 54, act: async (client, command) => void (await untilKnown(client, command)) },
  { weight: 10, act: giveBack },
  { weight: 2, act: freeze },
  { weight: 3, act: (client, command) => changeLimit(client, command, client.random.pick(limited).id) },
  { weight: 2, on: 'one', act: closeDays },
  { weight: 5, on: 'several', act: letBe },
  {
    weight: 3,
    on: 'several',
    act: async (client, command) => void (await untilKnown(client, { ...command, prefer: 'wait=9' })),
  },
  // Asks both at once.
  {
    weight: 8,
    act: async (client, command) => {
      await Promise.all(client.workers.map((worker) => ask(client.asking, command, worker)))
      await untilKnown(client, command)
    },
  },
  // Asks again although it knows.
  {
    weight: 8,
    act: async (client, command) => {
      await untilKnown(client, command)
      await untilKnown(client, command)
    },
  },
  // Uses a key for another payment.
  {
    weight: 8,
    act: async (client, command) => {
      await untilKnown(client, command)
      await once(client, { ...command, body: paymentOf(client.random) })
    },
  },
  // The same while it does not know what became of the first.
  {
    weight: 4,
    act: async (client, command) => {
      const other = { ...command, body: paymentOf(client.random) }
      await Promise.all([once(client, command), once(client, other)])
      await untilKnown(client, command)
    },
  },
  // Never asks again.
  { weight: 4, act: async (client, command) => void (await once(client, command)) },
  { weight: 2, act: batch },
]

async function behave(client: Client, key: string, patienceMs: number): Promise<void> {
  const command = { key, path: '/v1/payments', body: paymentOf(client.random), patienceMs }
  const other = client.partitions === 1 ? 'several' : 'one'
  await client.random.weighted(habits.filter(({ on }) => on !== other)).act(client, command)
}

/** Does not wait for what becomes of it, and lets it be at once, which may be too late. */
async function letBe(client: Client, command: Command): Promise<void> {
  const { paymentId, isPending } = await once(client, { ...command, prefer: 'wait=0' })
  if (paymentId !== undefined && isPending) {
    const path = `/v1/payments/${paymentId}/cancel`
    await untilKnown(client, { ...command, key: `${command.key}:cancel`, path, body: { reason: 'not so' } })
  }
  await untilKnown(client, command)
}

/** Gives a payment back in parts, all at once, that may be more together than there was; and then whatever is left. */
async function giveBack(client: Client, command: Command): Promise<void> {
  const { paymentId } = await untilKnown(client, command)
  if (paymentId === undefined) return
  const path = `/v1/payments/${paymentId}/refund`
  const refund = (key: string, asked: object): Command => ({ ...command, key, path, body: { ...asked, reason: key } })
  const parts = Array.from({ length: client.random.between(1, 4) }, (_, index) =>
    refund(`${command.key}:part:${index}`, { amount: String(client.random.between(1, 150)) }),
  )
  await Promise.all(parts.map((part) => ask(client.asking, part, client.random.pick(client.workers))))
  for (const part of parts) await untilKnown(client, part)
  if (client.random.chance(0.5)) await untilKnown(client, refund(`${command.key}:rest`, {}))
}

/** For a moment nothing leaves an account, or nothing comes to it either; others may do the same at the same time. */
async function freeze(client: Client, command: Command): Promise<void> {
  const account = `/v1/accounts/${client.random.pick(accounts).id}`
  const direction = client.random.chance(0.7) ? 'outgoing' : 'all'
  await untilKnown(client, { ...command, key: `${command.key}:freeze`, path: `${account}/freeze`, body: { direction } })
  await untilKnown(client, command)
  // Whatever else ends, nobody is left frozen.
  const open = { ...command, key: `${command.key}:unfreeze`, path: `${account}/unfreeze`, body: {} }
  await untilKnown({ ...client, stopping: new AbortController().signal }, open)
}

async function batch(client: Client, { key, patienceMs }: Command): Promise<void> {
  const commands = Array.from({ length: client.random.between(2, 12) }, (_, index) => ({
    ...{ key: `${key}:${index}`, path: '/v1/payments', body: paymentOf(client.random), patienceMs },
  }))
  const [first] = commands
  const worker = client.worker ?? client.random.pick(client.workers)
  await askBatch(client.asking, first ? [...commands, first] : commands, worker)
  for (const command of commands) await untilKnown(client, command)
}

function paymentOf(random: Random): unknown {
  const payment = random.chance(0.2) ? paymentByLegs(random) : paymentByPostings(random)
  return random.chance(0.1) ? { ...payment, effectiveAt: `${dayBefore(random.between(0, 24))}T12:00:00.000Z` } : payment
}

/** Two pay two others, or nothing; now and then the first says where it stands, which is seldom right. */
function paymentByLegs(random: Random): object {
  const order = accounts.map(({ id }) => ({ id, at: random.between(0, 1_000_000) })).sort((one, two) => one.at - two.at)
  const [one, two, three, four] = order.map(({ id }) => id)
  const [first, second] = [random.between(0, 400), random.between(0, 400)]
  const paid = random.between(0, first + second)
  const leg = (account: string | undefined, minor: number) => ({ account, amount: String(minor), currency })
  const said = random.chance(0.05) ? { stands: '0' } : {}
  const legs = [leg(one, 0 - first), leg(two, 0 - second), leg(three, paid), leg(four, first + second - paid)]
  return { legs: legs.map((each, index) => (index === 0 ? { ...each, ...said } : each)) }
}

function paymentByPostings(random: Random): object {
  const from = random.chance(0.1) ? cash : random.pick(accounts).id
  const others = accounts.filter(({ id }) => id !== from)
  const amount = String(random.between(1, 400))
  return { postings: [{ from, to: random.pick(others).id, amount, currency }] }
}
