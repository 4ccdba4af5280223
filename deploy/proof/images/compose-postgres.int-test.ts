import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { startIssuing } from '@micropay/local/authority/kept-authority'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { type GuardedProcess, startGuarded } from '@micropay/local/stores/guarded-process'
import { startPostgres } from '@micropay/local/stores/postgres'
import { postgresPrograms } from '@micropay/local/stores/postgres-programs'
import { systemClock } from '@micropay/runtime/clock'
import { openConnection } from '@micropay/runtime/pool'
import { composeSettings } from './compose-settings.fixture.ts'

const say = (text: string) => assert.fail(text)

describe('the PostgreSQL of Compose, as its script starts it', { timeout: 60_000 }, () => {
  const { drawn, environmentOf } = composeSettings()
  let home: string
  let port: number
  let server: GuardedProcess
  let user: { uid: number; gid: number } | undefined
  let addresses: Readonly<Record<string, string>>
  const mounted = () => join(home, 'mounted')

  /** Issues anew, and gives the server its folder as Compose mounts it: by its group. */
  async function issue(authority: string): Promise<void> {
    const options = { services: ['accounts'], stores: ['localhost'], isApart: true, clock: systemClock, say }
    const directory = join(home, authority)
    const issuing = await startIssuing({ ...options, directory })
    issuing.close()
    await cp(join(directory, 'trusted'), join(home, `${authority}-trusted`), { recursive: true })
    await cp(join(directory, 'localhost'), mounted(), { recursive: true })
    await chmod(mounted(), 0o750)
    for (const file of ['', ...(await readdir(mounted()))]) if (user) await chown(join(mounted(), file), 0, user.gid)
  }
  const here = (address: string, authority = 'ours') =>
    address
      .replace('@postgres/', `@localhost:${port}/`)
      .replace('/certificates/', encodeURIComponent(`${join(home, `${authority}-trusted`)}/`))

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'micropay-compose-postgres-'))
    await chmod(home, 0o755)
    port = await freePort()
    const dataDirectory = join(home, 'data')
    const first = await startPostgres({ dataDirectory, port, durable: false })
    const named = openConnection(first.url('postgres'), { application_name: 'tests' }).client
    await named.connect()
    await named.query(`alter role postgres password '${drawn.POSTGRES_PASSWORD}'`)
    await named.end()
    await first.stop()
    const programs = await postgresPrograms(home)
    user = programs.user
    await issue('ours')
    const own = join(home, 'own')
    await mkdir(own)
    if (user) await chown(own, user.uid, user.gid)
    const script = join(repositoryRoot, 'deploy/images/postgres.sh')
    const listen = ['-c', 'listen_addresses=localhost', '-c', 'unix_socket_directories=']
    server = startGuarded({
      ...programs.run('sh', [script, programs.postgres, '-D', dataDirectory, '-p', String(port), ...listen]),
      stopSignal: 'INT',
      environment: {
        ...{ ...process.env, LC_ALL: 'C', CERTIFICATES_DIRECTORY: mounted() },
        ...{ OWN_DIRECTORY: join(own, 'tls'), LOOK_EVERY_SECONDS: '0.05' },
      },
    })
    await server.saidLine('database system is ready to accept connections')
    addresses = Object.fromEntries(
      Object.entries(environmentOf('  databases')).map(([name, address]) => [name, here(address)]),
    )
  })
  after(async () => {
    await server.stop()
    await rm(home, { recursive: true })
  })

  async function ask(url: string, statement: string): Promise<unknown[]> {
    const { client } = openConnection(url, { application_name: 'tests' })
    try {
      await client.connect()
      return (await client.query(statement)).rows
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  test('makes all databases for the addresses that services are given, each of which is encrypted', async () => {
    const { ADMIN_DATABASE_URL: _, ...given } = addresses
    assert.ok(Object.keys(given).length > 10)
    const main = join(repositoryRoot, 'deploy/cli/databases/main.ts')
    const env = { PATH: process.env.PATH, ...addresses }
    const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
    assert.doesNotMatch(stdout, /"level":(40|50|60)/)
    for (const [name, address] of Object.entries(given)) {
      const rows = await ask(address, 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()')
      assert.deepEqual(rows, [{ ssl: true, version: 'TLSv1.3' }], name)
    }
  })

  test('lets nobody come in plain text, whatever password they have', async () => {
    const [plain] = (addresses.ADMIN_DATABASE_URL ?? '').split('?')
    await assert.rejects(ask(`${plain}?sslmode=disable`, 'select 1'), /no pg_hba.conf entry .* no encryption/)
    await assert.rejects(ask(String(plain), 'select 1'), /no pg_hba.conf entry/)
  })

  test('takes a new certificate without a restart', async () => {
    const address = environmentOf('  databases').ADMIN_DATABASE_URL ?? ''
    await issue('theirs')
    const isTaken = () => ask(here(address, 'theirs'), 'select 1').then(Boolean, () => false)
    while (!(await isTaken())) await systemClock.sleep(50)
    await assert.rejects(ask(here(address, 'ours'), 'select 1'), /certificate/)
  })
})
