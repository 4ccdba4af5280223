import { type Asking, ask, askBatch, type Target } from './ask.ts'
import { accounts, cash, currency, rich } from './clients.ts'
import { probed } from './probes.ts'

const patienceMs = 20_000
const batchPayments = 5_000

/** Opens the accounts of the clients, gives each a little to begin with, and lets limits be changed by two alone. */
export async function openAccounts(asking: Asking, workers: readonly Target[]): Promise<void> {
  const opened = [{ id: cash, overdraftLimit: 'unlimited' }, ...accounts, ...probed]
  for (const { id, overdraftLimit } of opened) {
    const type = id === cash ? 'external' : 'customer'
    const body = { accountId: id, type, currency, owner: `owner:${id.replace(/[{}]/g, '')}`, overdraftLimit }
    await untilDone(asking, workers, { key: `open:${id}`, path: '/v1/accounts', body, patienceMs })
  }
  for (const { id } of accounts) {
    const body = { postings: [{ from: cash, to: id, amount: '1000', currency }] }
    await untilDone(asking, workers, { key: `begin:${id}`, path: '/v1/payments', body, patienceMs })
  }
  const body = { command: 'ChangeAccount', people: 2 }
  await untilDone(asking, workers, { key: 'policy', path: '/v1/policies', body, patienceMs, person: 'fiona' })
}

/** Books so many payments, so that the log is as long as that of a ledger that has served for a while. */
export async function payHistory(
  asking: Asking,
  workers: readonly Target[],
  payments: number,
  say: (text: string) => void,
): Promise<void> {
  say(`Booking ${payments} payments`)
  const body = { postings: [{ from: cash, to: rich, amount: '1', currency }] }
  const serving = await servingOf(workers)
  for (let begun = 0; begun < payments; begun += batchPayments) {
    const commands = Array.from({ length: Math.min(batchPayments, payments - begun) }, (_, index) => ({
      ...{ key: `history:${begun + index}`, path: '/v1/payments', body, patienceMs: 60_000 },
    }))
    await askBatch(asking, commands, serving)
  }
}

async function servingOf(workers: readonly Target[]): Promise<Target> {
  for (const worker of workers) {
    const answer = await fetch(`${worker.url}/health/ready`)
    await answer.arrayBuffer()
    if (answer.status === 200) return worker
  }
  throw new Error('no worker serves')
}

async function untilDone(
  asking: Asking,
  workers: readonly Target[],
  command: Parameters<typeof ask>[1],
): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const worker = workers[attempt % workers.length]
    if (worker && (await ask(asking, command, worker)).status === 201) return
  }
  throw new Error(`${command.key} was not done within 200 attempts`)
}
