import { randomUUID } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'
import { pause } from '../report.ts'

/** Who attacks: a customer with a token of her own and nothing else. */
export type Attacker = { readonly url: string; readonly token: string }
/** Goes on until its process is ended. */
export type Attack = { readonly name: string; readonly hold: (attacker: Attacker) => Promise<void> }

const MEBIBYTE = 1024 * 1024
/** The most that a batch may be. */
const BATCH_BYTES = 16 * MEBIBYTE
const batch = '/v1/payments/batch'

/** What stopped other customers once (a body that takes long to parse, places that are held): each until it is over. */
export const attacks: readonly Attack[] = [
  {
    name: 'batches of 8 million brackets',
    hold: (attacker) => again(FLOOD_MS, 2, () => post(attacker, batch, `{"payments":${'['.repeat(8_000_000)}`)),
  },
  {
    name: 'batches of 5 million empty lists',
    hold: (attacker) => again(FLOOD_MS, 2, () => post(attacker, batch, `{"payments":[${'[],'.repeat(5_000_000)}[]]}`)),
  },
  {
    name: 'batches of 10,000 payments that are refused',
    hold: (attacker) => again(FLOOD_MS, 2, () => post(attacker, batch, refusedBatch())),
  },
  {
    name: '130 reads of what is not there yet',
    hold: (attacker) =>
      again(REFUSED_MS, 130, () =>
        ask(attacker, '/v1/accounts/bench:0', { 'at-least': '0:999999999', prefer: 'wait=10' }),
      ),
  },
  { name: '70 batches of a byte every 2 s', hold: (attacker) => again(REFUSED_MS, 70, () => trickle(attacker)) },
  {
    name: '1,005 event streams',
    hold: (attacker) => again(REFUSED_MS, 1_005, () => ask(attacker, '/v1/account-events')),
  },
  {
    name: '33 files that nobody reads',
    hold: (attacker) => again(REFUSED_MS, 33, () => ask(attacker, '/v1/payments.csv', {}, false)),
  },
  {
    name: '200 payments at a time without money',
    hold: (attacker) => again(FLOOD_MS, 200, () => post(attacker, '/v1/payments', JSON.stringify(tooLarge()))),
  },
  {
    name: '200 tokens at a time that are none',
    hold: (attacker) => again(FLOOD_MS, 200, () => ask({ ...attacker, token: madeUp() }, '/v1/accounts')),
  },
]

/** What holds a place is sent anew a while after it was refused one: what floods is sent anew at once. */
const REFUSED_MS = 1_000
const FLOOD_MS = 20

/** So many at a time, each anew when it is over. */
async function again(restMs: number, count: number, once: () => Promise<unknown>): Promise<void> {
  const one = async () => {
    for (;;) {
      await once()
      await pause(restMs)
    }
  }
  await Promise.all(Array.from({ length: count }, one))
}

/** Settles when it is answered to the end, or broken off. One that does not read is never answered to the end. */
function ask({ url, token }: Attacker, path: string, headers = {}, reads = true): Promise<void> {
  return settled((end) => {
    const sent = request(`${url}${path}`, { agent: false, headers: { ...headers, authorization: `Bearer ${token}` } })
    sent.on('response', (answer) => {
      answer.once('close', end)
      if (reads || answer.statusCode !== 200) answer.resume()
    })
    sent.end()
    return sent
  })
}

function post({ url, token }: Attacker, path: string, body: string): Promise<void> {
  return settled((end) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      'idempotency-key': randomUUID(),
    }
    const sent = request(`${url}${path}`, { method: 'POST', agent: false, headers })
    sent.on('response', (answer) => answer.once('close', end).resume())
    sent.end(body)
    return sent
  })
}

function trickle({ url, token }: Attacker): Promise<void> {
  return settled((end) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...{ 'content-type': 'application/json', 'content-length': BATCH_BYTES },
    }
    const sent = request(`${url}${batch}`, { method: 'POST', agent: false, headers })
    sent.on('response', (answer) => answer.once('close', end).resume())
    sent.write('{')
    const timer = setInterval(() => sent.write(' '), 2_000)
    sent.once('close', () => clearInterval(timer))
    return sent
  })
}

function settled(begin: (end: () => void) => ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const sent = begin(resolve)
    sent.on('error', () => undefined)
    sent.once('close', resolve)
  })
}

function tooLarge() {
  return { postings: [{ from: 'bench:attacker', to: 'bench:0', amount: '100000000', currency: 'EUR' }] }
}

function refusedBatch(): string {
  const payments = Array.from({ length: 10_000 }, () => ({ ...tooLarge(), idempotencyKey: randomUUID() }))
  return JSON.stringify({ payments })
}

function madeUp(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'ES256', typ: 'at+jwt', kid: randomUUID() })}.${part({ sub: 'x' })}.${'A'.repeat(86)}`
}
