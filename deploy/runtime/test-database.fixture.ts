import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** A fresh, empty database; `close` drops it. */
export type TestDatabase = { url: string; close(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }

/**
 * A database of its own on the server of `adminUrl`, a superuser's; by default the one that `npx pnpm@12 test` starts
 * for integration tests.
 */
export async function makeTestDatabase(adminUrl = givenServer()): Promise<TestDatabase> {
  const name = freshName('test')
  await asAdmin(adminUrl, `create database "${name}"`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const close = () => asAdmin(adminUrl, `drop database if exists "${name}" with (force)`)
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

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
