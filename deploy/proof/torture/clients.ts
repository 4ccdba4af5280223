import { systemClock } from '@micropay/runtime/clock'
import { type Answer, type Asking, ask, askBatch, type Command, type Target } from './ask.ts'
import { type Random, randomOf } from './random.ts'

/** Accounts that payments go between: some have plenty, some are near their limit all the time. */
export const accounts = [
  ...Array.from({ length: 6 }, (_, index) => ({ id: `wide:${index}`, overdraftLimit: 'unlimited' })),
  ...Array.from({ length: 6 }, (_, index) => ({ id: `tight:${index}`, overdraftLimit: index % 2 === 0 ? '0' : '500' })),
] as const
/** One that may not go below zero, and one that may. */
export const [poor, rich] = ['tight:0', 'wide:0']
export const cash = 'cash:desk'
export const currency = 'EUR'

export type Clients = {
  /** Ends the load; settles when the last of them has had its answer. */
  stop(): Promise<void>
}

const loops = 12
/** Each asks twice a second or so: 25 to 30 payments a second together. */
const pauseMs = { least: 250, most: 550 }
/** Some wait longer than a worker does, which answers after 10 s at the latest; others have gone long before. */
const patiencesMs = [1_000, 3_000, 14_000] as const

/** Clients that pay at a steady pace, ask again with the same key until they know, and sometimes misbehave. */
export function startClients(asking: Asking, workers: readonly Target[], seed: string): Clients {
  const stopping = new AbortController()
  const running = Array.from({ length: loops }, async (_, index) => {
    const random = randomOf(seed, `client ${index}`)
    const client: Client = { asking, workers, random, stopping: stopping.signal, worker: workers[index % 2] }
    const patienceMs = patiencesMs[index % patiencesMs.length] ?? 0
    for (let number = 0; !stopping.signal.aborted; number += 1) {
      await behave(client, `${seed}:${index}:${number}`, patienceMs)
      await systemClock.sleep(random.between(pauseMs.least, pauseMs.most), stopping.signal)
    }
  })
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

type Client = {
  readonly asking: Asking
  readonly workers: readonly Target[]
  readonly random: Random
  readonly stopping: AbortSignal
  /** Who answered last. */
  worker: Target | undefined
}

type Habit = { readonly weight: number; act(client: Client, command: Command): Promise<void> }

const habits: readonly Habit[] = [
  { weight: 66, act: async (client, command) => void (await untilKnown(client, command)) },
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
  await client.random.weighted(habits).act(client, command)
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
  return random.chance(0.2) ? paymentByLegs(random) : paymentByPostings(random)
}

/** Two pay two others, or nothing; now and then the first says where it stands, which is seldom right. */
function paymentByLegs(random: Random): unknown {
  const order = accounts.map(({ id }) => ({ id, at: random.between(0, 1_000_000) })).sort((one, two) => one.at - two.at)
  const [one, two, three, four] = order.map(({ id }) => id)
  const [first, second] = [random.between(0, 400), random.between(0, 400)]
  const paid = random.between(0, first + second)
  const leg = (account: string | undefined, minor: number) => ({ account, amount: String(minor), currency })
  const said = random.chance(0.05) ? { stands: '0' } : {}
  const legs = [leg(one, 0 - first), leg(two, 0 - second), leg(three, paid), leg(four, first + second - paid)]
  return { legs: legs.map((each, index) => (index === 0 ? { ...each, ...said } : each)) }
}

function paymentByPostings(random: Random): unknown {
  const from = random.chance(0.1) ? cash : random.pick(accounts).id
  const others = accounts.filter(({ id }) => id !== from)
  const amount = String(random.between(1, 400))
  return { postings: [{ from, to: random.pick(others).id, amount, currency }] }
}

async function once(client: Client, command: Command): Promise<Answer> {
  const worker = client.worker ?? client.random.pick(client.workers)
  const answer = await ask(client.asking, command, worker)
  const isUseful = answer.position !== undefined || (answer.status >= 400 && answer.status < 500)
  client.worker = isUseful ? worker : client.workers.find((other) => other !== worker)
  return answer
}

/** With the same key again and again, first here and then there, until it is decided or the load ends. */
async function untilKnown(client: Client, command: Command): Promise<Answer> {
  for (;;) {
    const answer = await once(client, command)
    if (answer.position !== undefined || answer.code === 'idempotency_key_reused' || client.stopping.aborted)
      return answer
    await systemClock.sleep(client.random.between(150, 500), client.stopping)
  }
}
