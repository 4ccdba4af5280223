import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'
import { type DatabaseRole, roleUrl } from '@micropay/local/start/database-roles'
import { Client } from 'pg'
import { peopleOf, readAccesses, readFacts, send, verify } from './facts.ts'
import { type DatabaseKept, readKept } from './kept-ledger.ts'
import { oneMore } from './story.ts'
import { load, startToday } from './today.fixture.ts'

/** The oldest kept ledger, whose tables are of other shapes than today's, and the newest. */
for (const name of ['227bbc2', '0cf634d']) {
  test(`the databases of ${name} are moved to split roles, by two starts at once, and its ledger goes on`, {
    timeout: 120_000,
  }, async () => {
    const kept = await readKept(join(import.meta.dirname, name))
    const loaded = await load(kept)
    const databaseUrl = (of: DatabaseKept | 'lease', role: DatabaseRole) => {
      const admin = loaded.databaseUrl(of)
      const at = (database: string) => Object.assign(new URL(admin), { pathname: `/${database}` }).href
      return roleUrl({ url: at }, new URL(admin).pathname.slice(1), role)
    }
    const models = (['accounts', 'reconciliation', 'audit'] as const).flatMap((model) => [
      [`${model.toUpperCase()}_BUILD_DATABASE_URL`, databaseUrl(model, 'build')] as const,
      [`${model.toUpperCase()}_DATABASE_URL`, databaseUrl(model, 'run')] as const,
      [`${model.toUpperCase()}_READ_DATABASE_URL`, databaseUrl(model, 'read')] as const,
    ])
    const environment = {
      ...{ ADMIN_DATABASE_URL: loaded.databaseUrl('log'), ...Object.fromEntries(models) },
      ...{ LEASE_DATABASE_URL: databaseUrl('log', 'run'), LEASE_TELL_DATABASE_URL: databaseUrl('log', 'read') },
      ...{ LOG_DATABASE_URL: databaseUrl('log', 'run'), LOG_READ_DATABASE_URL: databaseUrl('log', 'read') },
    }
    const make = () => run('deploy/cli/databases/main.ts', [], environment).ended
    try {
      const both = await Promise.all([make(), make()])
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
        both.map(({ output }) => output).join('\n'),
      )
      const moved = both.map(({ output }) => output.match(/belongs to the owner now/g)?.length ?? 0)
      assert.equal((moved[0] ?? 0) + (moved[1] ?? 0), 4, 'each database changed hands once')
      const today = await startToday({
        ...{ ...loaded, databaseUrl },
        logEnvironment: { LOG: 'postgres', LOG_DATABASE_URL: databaseUrl('log', 'run') },
      })
      const people = peopleOf(today)
      try {
        const { verified, accesses } = kept.facts
        assert.deepEqual(await verify(today), verified)
        assert.ok((await readAccesses(people)).length > accesses.length, 'those of before, and one for what was asked')
        const { status, position } = await send(people, oneMore)
        assert.deepEqual({ status, position }, { status: 201, position: `0:${verified.seq + 1}` })
        const seen = await readFacts(people, `0:${verified.seq + 1}`, [
          ['ada', '/v1/accounts/ada:main/entries?limit=1'],
          ['fiona', '/v1/trial-balance/ada:main/entries?limit=1'],
          ['vera', `/v1/audit/records/0/${verified.seq + 1}`],
        ])
        for (const { path, answer } of seen) assert.match(JSON.stringify(answer), /777/, path)
      } finally {
        await people.close()
        await today.stop()
      }
      const again = await make()
      assert.equal(again.code, 0, again.output)
      assert.doesNotMatch(again.output, /belongs to the owner now/)
      for (const database of ['log', 'accounts', 'reconciliation', 'audit'] as const) {
        assert.deepEqual(await heldByOthers(loaded.databaseUrl(database)), [], database)
      }
    } finally {
      await loaded.close()
    }
  })
}

/** What is there, of the services, and belongs to a role that a service runs as or to the superuser who made it. */
async function heldByOthers(url: string): Promise<readonly string[]> {
  const client = new Client(url)
  await client.connect()
  try {
    const { rows } = await client.query<{ held: string }>(`
      select relname || ' by ' || relowner::regrole as held
      from pg_class join pg_namespace on relnamespace = pg_namespace.oid
      where nspname !~ '^pg_' and nspname <> 'information_schema' and not (
        relowner::regrole::text = quote_ident(current_database())
        or relowner::regrole::text = quote_ident(current_database() || '_build')
      )`)
    return rows.map(({ held }) => held)
  } finally {
    await client.end()
  }
}
