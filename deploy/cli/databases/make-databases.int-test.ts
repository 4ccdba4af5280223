import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openEventLog } from '@micropay/event-log/open-event-log'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { startWorker } from '@micropay/projections/serve/worker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { watchRoles } from '@micropay/runtime/split-roles'
import { Client } from 'pg'
import { asked, rowsAs, type SplitDatabases, splitDatabases } from './split-databases.fixture.ts'

const NOT_ALLOWED = '42501'
const quiet = createLogger('test', 'silent')
let databases: SplitDatabases
let live = ''

/** With a ledger and a read model made under these roles, so that there is something to be kept from. */
before(async () => {
  databases = await splitDatabases()
  await databases.make()
  live = await fillAccounts()
})
after(() => databases.close())

const at = (variable: string) => databases.addresses[`${variable}_DATABASE_URL`] ?? ''
const logOf = (variable: string) =>
  openEventLog({ LOG: 'postgres', LOG_DATABASE_URL: at(variable), KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, quiet)

/** A worker writes a log and a projection follows it, each with the roles that it is given; answers the version. */
async function fillAccounts(): Promise<string> {
  const [writing, log] = [logOf('LOG'), logOf('LOG_READ')]
  await writing.prepare(1)
  const appender = await writing.openAppender(0)
  const ledger = createLedger()
  await appender.append([ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada')])
  const [pool, buildingPool] = ['ACCOUNTS', 'ACCOUNTS_BUILD'].map((name) =>
    openPool(at(name), quiet, { max: 4, application_name: 'tests' }),
  ) as [ReturnType<typeof openPool>, ReturnType<typeof openPool>]
  const deps = { log, pool, buildingPool, databaseUrl: at('ACCOUNTS'), clock: systemClock, logger: quiet }
  const worker = startWorker({ ...deps, projection: accountsProjection })
  const first = await untilLive(undefined)
  const begun = await worker.startRebuild()
  assert.equal(begun.kind, 'begun')
  const rebuilt = await untilLive(first)
  await worker.close()
  await Promise.all([appender.close(), writing.close(), log.close(), pool.end(), buildingPool.end()])
  return rebuilt
}

/** As whoever reads sees it: a version that was made while services run can be read at once. */
async function untilLive(unlike: string | undefined): Promise<string> {
  const sql = `select version.schema_name from projection.version join projection.checkpoint using (schema_name)
    where state = 'live' and seq >= 2`
  for (;;) {
    const [schema] = await rowsAs(at('ACCOUNTS_READ'), sql).catch(() => [])
    if (schema !== undefined && schema !== unlike) return schema
    await systemClock.sleep(50)
  }
}

/** The statements that a role is kept from, and of each role some that it may, since it needs them. */
const kept: Readonly<Record<string, { readonly may: readonly string[]; readonly mayNot: readonly string[] }>> = {
  LEASE: {
    may: [
      'delete from lease',
      'delete from lease_notice',
      `select nextval('lease_term')`,
      'delete from parked_message',
    ],
    mayNot: [
      'create table public.more (id int)',
      'drop table lease',
      'truncate lease',
      'alter table lease add more int',
    ],
  },
  LEASE_TELL: {
    may: ['delete from lease_notice'],
    mayNot: ['select from lease', 'delete from lease', 'select from parked_message', 'create table more (id int)'],
  },
  LOG: {
    may: [
      `insert into event_log.records select 0, 99, 'key', 'value'`,
      'update event_log.partitions set next_offset = next_offset + 1',
      'delete from event_log.inbox',
    ],
    mayNot: [
      ...[`update event_log.records set key = ''`, 'delete from event_log.records', 'truncate event_log.records'],
      ...[
        'drop table event_log.records',
        'alter table event_log.records add more int',
        'drop schema event_log cascade',
      ],
      ...['update event_log.partitions set partition = 7', 'delete from event_log.partitions'],
      ...['create table event_log.more (id int)', 'create schema more'],
    ],
  },
  LOG_READ: {
    may: ['select from event_log.records', 'select from event_log.partitions'],
    mayNot: [
      ...[`insert into event_log.records select 0, 99, 'key', 'value'`, 'delete from event_log.records'],
      ...['update event_log.partitions set next_offset = 0', 'select from event_log.inbox', 'create schema more'],
    ],
  },
  ACCOUNTS: {
    may: [
      'delete from VERSION.account',
      'update projection.checkpoint set log_offset = 0',
      'delete from projection.lease',
    ],
    mayNot: [
      ...['create schema more', 'create table VERSION.more (id int)', 'drop table VERSION.account'],
      ...['truncate VERSION.account', 'drop schema VERSION cascade', 'create index on VERSION.account (account_id)'],
    ],
  },
  ACCOUNTS_READ: {
    may: ['select from VERSION.account', 'select from projection.version', 'select from projection.checkpoint'],
    mayNot: [
      ...['insert into VERSION.account select * from VERSION.account', 'delete from VERSION.account'],
      ...[`update projection.version set state = 'live'`, 'delete from projection.checkpoint', 'create schema more'],
      ...['create table public.more (id int)', `select nextval('projection.generation')`],
    ],
  },
  AUDIT_READ: {
    may: [
      `insert into audit.access (tenant, subject, client, request) values ('t', 's', 'c', 'GET /v1/audit/accesses')`,
      ...['select from audit.access', 'delete from audit.verification', `select nextval('audit.lease_term')`],
    ],
    mayNot: [
      ...[`update audit.access set subject = ''`, 'delete from audit.access', 'truncate audit.access'],
      ...['drop table audit.access', 'alter table audit.access disable trigger access_append_only'],
      ...['alter table audit.access disable trigger all', 'drop trigger access_append_only on audit.access'],
      `create or replace function audit.refuse() returns trigger language plpgsql as 'begin return null; end'`,
      ...['drop function audit.refuse() cascade', 'drop schema audit cascade', 'create table audit.more (id int)'],
      ...['set session_replication_role = replica', 'set role OWNER'],
    ],
  },
  AUDIT_BUILD: {
    may: ['create schema audit_v9_9', 'create schema projection'],
    mayNot: [
      ...[
        'select from audit.access',
        'drop schema audit cascade',
        'drop table audit.access',
        'delete from audit.access',
      ],
      ...['drop trigger access_append_only on audit.access', 'drop database OWNER', 'set role OWNER'],
    ],
  },
  AUDIT: { may: [], mayNot: ['select from audit.access', 'drop schema audit cascade', 'create schema more'] },
}

for (const [variable, { may, mayNot }] of Object.entries(kept)) {
  test(`the role of ${variable}_DATABASE_URL may do what its service does, and no more`, async () => {
    const owner = decodeURIComponent(new URL(at(variable)).pathname.slice(1))
    const textOf = (statement: string) => statement.replaceAll('VERSION', live).replaceAll('OWNER', owner)
    for (const statement of may) assert.equal(await asked(at(variable), textOf(statement)), undefined, statement)
    for (const statement of mayNot) {
      const refused = await asked(at(variable), textOf(statement))
      assert.equal(refused, NOT_ALLOWED, statement)
    }
  })
}

test('a role enters no other database of the server than its own', async () => {
  const names = Object.keys(kept)
  for (const mine of names) {
    for (const theirs of names) {
      const url = Object.assign(new URL(at(mine)), { pathname: new URL(at(theirs)).pathname })
      const isOwn = new URL(at(mine)).pathname === url.pathname
      assert.equal(await asked(url.href, 'select 1'), isOwn ? undefined : NOT_ALLOWED, `${mine} in that of ${theirs}`)
    }
  }
})

test('a service with a role of its own has nothing to tell, and one that may change what is kept says so', async () => {
  const warned: unknown[] = []
  const log = { warn: (line: unknown) => void warned.push(line) }
  const split = watchRoles(
    Object.fromEntries(
      Object.keys(kept)
        .filter(hasTables)
        .map((name) => [name, at(name)]),
    ),
    log,
  )
  const unsplit = watchRoles({ AUDIT_DATABASE_URL: databases.admin('AUDIT_DATABASE_URL') }, log)
  while (unsplit().length === 0) await systemClock.sleep(20)
  assert.match(unsplit().join(), /^AUDIT_DATABASE_URL: the role postgres may change and drop .*#roles-of-the-databases/)
  await systemClock.sleep(500)
  assert.deepEqual(split(), [])
  assert.deepEqual(warned, [{ variable: 'AUDIT_DATABASE_URL', role: 'postgres' }])
})

/** Whoever builds tables owns them, and no service runs as it all the time. */
const hasTables = (variable: string) => !variable.endsWith('_BUILD')

test('once more, and by two at once, it changes nothing, and takes over a changed password', async () => {
  const said: unknown[] = []
  const log = { info: (...line: unknown[]) => void said.push(line), warn: (...line: unknown[]) => void said.push(line) }
  await Promise.all([databases.make(log as never), databases.make(log as never)])
  assert.deepEqual(said, [], 'nothing changed hands')
  const admin = new Client(databases.admin('AUDIT_DATABASE_URL'))
  await admin.connect()
  const role = new URL(at('AUDIT_READ')).username
  await admin.query(`alter role ${role} password 'another'`)
  await admin.query(`grant delete on audit.access to ${role}`)

  const builder = new URL(at('AUDIT_BUILD')).username
  await admin.query(`alter default privileges for role ${builder} grant usage on sequences to ${role}`)
  const later = `select 1 from pg_default_acl, aclexplode(defaclacl) as held
    where defaclobjtype = 'S' and held.grantee = '${role}'::regrole`
  assert.deepEqual(await rowsAs(databases.admin('AUDIT_DATABASE_URL'), later), ['1'])

  await admin.query(`grant usage on schema audit to public; grant select on all tables in schema audit to public`)
  assert.equal(await asked(at('AUDIT_BUILD'), 'select from audit.access'), undefined, 'it may by now')
  await admin.end()
  assert.equal(await asked(at('AUDIT_READ'), 'select 1'), '28P01')
  await databases.make()
  assert.equal(await asked(at('AUDIT_READ'), 'select 1'), undefined)
  assert.equal(await asked(at('AUDIT_READ'), 'delete from audit.access'), NOT_ALLOWED, 'a right too many is taken away')
  assert.deepEqual(await rowsAs(databases.admin('AUDIT_DATABASE_URL'), later), [], 'and one on what is to be made')
  assert.equal(await asked(at('AUDIT_BUILD'), 'select from audit.access'), NOT_ALLOWED, 'and one that all have')
})

for (const group of ['the owner', 'pg_write_all_data']) {
  test(`a role that has the rights of ${group} is refused, whatever is said of it alone`, async () => {
    const role = new URL(at('AUDIT_READ')).username
    const owner = decodeURIComponent(new URL(at('AUDIT_READ')).pathname.slice(1))
    const of = group === 'the owner' ? owner : group
    const admin = new Client(databases.admin('AUDIT_DATABASE_URL'))
    await admin.connect()
    try {
      await admin.query(`grant ${of} to ${role}`)
      await assert.rejects(databases.make(), new RegExp(`the role ${role} has the rights of ${of}, too: revoke`))
    } finally {
      await admin.query(`revoke ${of} from ${role}`)
      await admin.end()
    }
    await databases.make()
  })
}

test('a database of before, whose one role owns it all, is moved with its rows, and its role can go on', async () => {
  const before = await splitDatabases()
  try {
    const admin = before.admin('AUDIT_DATABASE_URL')
    const database = decodeURIComponent(new URL(admin).pathname.slice(1))
    const server = new Client(databases.admin('AUDIT_DATABASE_URL'))
    await server.connect()
    await server.query(`create role ${database} login password 'old'`)
    await server.query(`create database ${database} owner ${database}`)
    await server.end()
    const old = Object.assign(new URL(admin), { username: database, password: 'old' }).href
    const client = new Client(old)
    await client.connect()
    await client.query(`
      create schema projection; create schema audit; create schema audit_v1_1;
      create table projection.version (schema_name text primary key, state text);
      create function projection.state_of(text) returns text language sql as 'select state from projection.version';
      create table audit_v1_1.records (seq int8); insert into audit_v1_1.records values (7);
      create table audit.access (
        id int8 generated always as identity primary key, at timestamptz not null default clock_timestamp(),
        tenant text not null, subject text not null, client text not null, request text not null
      );
      insert into audit.access (tenant, subject, client, request) values ('t', 'vera', 'c', 'GET /v1/audit/accesses')`)
    await client.end()
    await Promise.all([before.make(), before.make()])
    const read = before.addresses.AUDIT_READ_DATABASE_URL ?? ''
    assert.deepEqual(await rowsAs(read, 'select subject, route from audit.access'), ['vera /v1/audit/accesses'])
    assert.deepEqual(await rowsAs(read, 'select seq from audit_v1_1.records'), ['7'])
    assert.equal(await asked(read, 'delete from audit.access'), NOT_ALLOWED)
    assert.equal(await asked(read, 'delete from audit_v1_1.records'), NOT_ALLOWED)
    assert.equal(await asked(before.addresses.AUDIT_DATABASE_URL ?? '', 'delete from audit_v1_1.records'), undefined)
    const builder = before.addresses.AUDIT_BUILD_DATABASE_URL ?? ''
    assert.equal(await asked(builder, 'drop schema audit_v1_1, projection cascade'), undefined)
    assert.equal(await asked(builder, 'drop schema audit cascade'), NOT_ALLOWED)
    assert.equal(await asked(old, 'drop schema audit_v1_1, projection, audit cascade'), undefined, 'code of before')
  } finally {
    await before.close()
  }
})
