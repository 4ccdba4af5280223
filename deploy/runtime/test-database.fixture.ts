import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

/** A fresh, empty database; `close` drops it. */
export type TestDatabase = { url: string; close(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }

/**
 * A database of its own on the server of `adminUrl`, a superuser's; by default the one that `npx pnpm@12 test` starts
 * for integration tests.
 */
export async function makeTestDatabase(adminUrl = givenServer()): Promise<TestDatabase> {
  const name = freshName('test')
  await asAdmin(adminUrl, (client) => client.query(`create database "${name}"`))
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const close = () => asAdmin(adminUrl, (client) => dropDatabase(client, name))
  return { url: url.href, close, [Symbol.asyncDispose]: close }
}

export function freshName(base: string): string {
  return `${base}-${randomBytes(6).toString('hex')}`
}

function givenServer(): string {
  const given = process.env.TEST_POSTGRES_URL
  if (given) return given
  throw new Error('TEST_POSTGRES_URL names no server: run this by npx pnpm@12 test PATH, which starts one')
}

/** Whoever has just said good-bye may be on its way: a client that is cut off then would fail whichever test runs. */
async function dropDatabase(client: Client, name: string): Promise<void> {
  const giveUpMs = performance.now() + LEAVE_WITHIN_MS
  while (performance.now() < giveUpMs) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [name])
    if (rowCount === 0) break
    await setTimeout(LOOK_EVERY_MS)
  }
  await client.query(`drop database if exists "${name}" with (force)`)
}

const LEAVE_WITHIN_MS = 1_000
const LOOK_EVERY_MS = 10

async function asAdmin(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await work(client).finally(() => client.end())
}
