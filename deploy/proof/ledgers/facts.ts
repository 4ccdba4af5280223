import assert from 'node:assert/strict'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { clientCredentials } from '@micropay/sdk/access-token'
import { connectLedger, type LedgerClient } from '@micropay/sdk/ledger-client'
import { z } from 'zod'
import { type Answered, type Facts, type Sent, Verified } from './kept-ledger.ts'

export type Address = { readonly url: string; readonly issuer: string }

/** The public API, as each of the development issuer's people. */
export type People = { as(person: string): LedgerClient; close(): Promise<void> }

export function peopleOf({ url, issuer }: Address): People {
  const clients = new Map<string, LedgerClient>()
  return {
    as(person) {
      const accessToken = clientCredentials(issuer, { id: person, secret: developmentSecret })
      const client = clients.get(person) ?? connectLedger({ url, accessToken, patienceMs: 30_000 })
      clients.set(person, client)
      return client
    },
    async close() {
      for (const client of clients.values()) await client.close()
    },
  }
}

/** Sends a command, and answers it with what was answered. */
export async function send(people: People, sent: Sent): Promise<Answered & { readonly replayed: boolean }> {
  const { as, path, headers, body } = sent
  const { status, headers: answered, body: answer } = await people.as(as).send({ method: 'POST', path, headers, body })
  const { position, 'idempotent-replayed': replayed } = answered
  return {
    as,
    path,
    headers,
    body,
    status,
    position: position ? String(position) : null,
    answer,
    replayed: replayed === 'true',
  }
}

/** What people read: all that a version of before read must read the same. */
const questions: readonly (readonly [as: string, path: string])[] = [
  ['olga', '/v1/accounts?limit=500'],
  ['olga', '/v1/accounts/ada:main/entries?limit=500'],
  ['olga', '/v1/accounts/cash:eur/entries?limit=500&sort=value'],
  ['olga', '/v1/accounts/ben:main/balance?at=2026-02-28'],
  ['olga', '/v1/payments?limit=500'],
  ['olga', '/v1/payments?status=rejected&limit=500'],
  ['ada', '/v1/payees'],
  ['fiona', '/v1/trial-balance?limit=500'],
  ['fiona', '/v1/trial-balance?limit=500&day=2026-02-15'],
  ['fiona', '/v1/chart-of-accounts'],
  ['fiona', '/v1/trial-balance/bank:house/entries?limit=500'],
  ['fiona', '/v1/daily-totals?from=2026-01-01&to=2026-03-31&by=operation'],
  ['fiona', '/v1/reconciliations?account=bank:house'],
  ['fiona', '/v1/reconciliations/2026-061?account=bank:house'],
  ['vera', '/v1/audit/accounts/ada:main/replay?limit=500'],
  ['vera', '/v1/audit/payments/pay-0-30'],
]

/** Reads all of it from a position on. */
export async function readFacts(people: People, position: string, paths = questions): Promise<Facts['read']> {
  const read: Facts['read'] = []
  for (const [as, path] of paths) {
    const headers = { 'at-least': position, prefer: 'wait=10' }
    const { status, body } = await people.as(as).send({ method: 'GET', path, headers })
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`)
    read.push({ as, path, answer: body })
  }
  return read
}

const Accesses = z.object({ items: z.array(z.unknown()) })

/** Who looked at what in the audit, the newest first: it is in no log, and must not be lost. */
export async function readAccesses(people: People): Promise<Facts['accesses']> {
  const { body } = await people.as('vera').send({ method: 'GET', path: '/v1/audit/accesses?limit=500' })
  return Accesses.parse(body).items
}

const VerifyResult = z.object({
  result: z.object({ verification: Verified, index: z.object({ agrees: z.boolean() }).nullable() }),
})

/**
 * Folds the log from its first record, and answers of what it found what stays as it is however often the ledger is
 * started. The index of the audit must agree.
 */
export async function verify({ url, issuer }: Address): Promise<Facts['verified']> {
  const token = await clientCredentials(issuer, { id: 'vera', secret: developmentSecret })()
  const answer = await fetch(`${url}/v1/audit/partitions/0/verify`, { headers: { authorization: `Bearer ${token}` } })
  const text = await answer.text()
  const { verification, index } = VerifyResult.parse(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).result
  assert.equal(index?.agrees, true, text)
  return verification
}
