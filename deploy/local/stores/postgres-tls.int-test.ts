import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openConnection, openPool } from '@micropay/runtime/pool'
import { openTcpProxyTo } from '@micropay/runtime/tcp-proxy.fixture'
import { type Certificates, testCertificates } from '../authority/certificates.fixture.ts'
import { freePort } from './free-port.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const log = createLogger('test', 'silent')

describe('PostgreSQL with sslmode=verify-full', { timeout: 60_000 }, () => {
  let directory: string
  let server: Postgres
  let ours: Certificates
  let theirs: Certificates
  let ca: string
  let otherCa: string

  const verified = (url: string, file = ca) => `${url}?sslmode=verify-full&sslrootcert=${encodeURIComponent(file)}`
  async function ask(url: string, statement: string): Promise<unknown[]> {
    const { client } = openConnection(url, { application_name: 'tests' })
    try {
      await client.connect()
      return (await client.query(statement)).rows
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  /** Of what it presents just now: it reads its settings anew a little later than it is told to. */
  async function fingerprint(): Promise<string | undefined> {
    const { client } = openConnection(`${server.url('postgres')}?sslmode=no-verify`, { application_name: 'tests' })
    await client.connect().catch(() => undefined)
    const { stream } = client.connection
    const certificate = stream instanceof TLSSocket ? stream.getPeerX509Certificate() : undefined
    await client.end().catch(() => undefined)
    return certificate?.fingerprint256
  }
  /** The server writes them itself, so that they are its own user's. */
  async function presents(certificates: Certificates, hosts: readonly string[]): Promise<void> {
    const { cert, key } = await certificates.issue({ hosts })
    const quoted = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => `('${line}')`)
        .join(',')
    const admin = server.url('postgres')
    await ask(admin, `copy (values ${quoted(cert)}) to program 'umask 077; cat > server.crt'`)
    await ask(admin, `copy (values ${quoted(key)}) to program 'umask 077; cat > server.key'`)
    await ask(admin, 'alter system set ssl = on')
    await ask(admin, 'select pg_reload_conf()')
    while ((await fingerprint()) !== new X509Certificate(cert).fingerprint256) await systemClock.sleep(20)
  }
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'micropay-postgres-tls-'))
    server = await startPostgres({ dataDirectory: join(directory, 'data'), port: await freePort(), durable: false })
    ours = await testCertificates()
    theirs = await testCertificates('another authority')
    ca = (await ours.write('ca', {})).ca
    otherCa = (await theirs.write('ca', {})).ca
  })
  after(async () => {
    await server.stop()
    await Promise.all([ours.remove(), theirs.remove(), rm(directory, { recursive: true, force: true })])
  })

  test('a server that offers no TLS is not spoken with', async () => {
    await assert.rejects(ask(verified(server.url('postgres')), 'select 1'), /does not support SSL/)
  })

  test('a connection and a pool are encrypted, and a silent one is given up as ever', async () => {
    await presents(ours, ['127.0.0.1'])
    const url = verified(server.url('postgres'))
    const [row] = await ask(url, 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()')
    assert.deepEqual(row, { ssl: true, version: 'TLSv1.3' })
    await using proxy = await openTcpProxyTo(server.url('postgres'))
    const through = verified(proxy.through(server.url('postgres')))
    const pool = openPool(through, log, { max: 1, statement_timeout: 200, application_name: 'tests' })
    assert.equal((await pool.query('select 1')).rowCount, 1)
    proxy.set('hold')
    await assert.rejects(pool.query('select 1'), /timeout/)
    proxy.set('pass')
    assert.equal((await pool.query('select 1')).rowCount, 1)
    proxy.set('hold')
    await pool.end()
  })

  test('another authority, and a certificate that does not hold the host, are refused', async () => {
    await presents(ours, ['127.0.0.1'])
    await assert.rejects(ask(verified(server.url('postgres'), otherCa), 'select 1'), /certificate/)
    await presents(ours, ['database.example', '127.0.0.2'])
    await assert.rejects(ask(verified(server.url('postgres')), 'select 1'), /IP: 127\.0\.0\.1 is not in the cert/)
    await presents(theirs, ['127.0.0.1'])
    await assert.rejects(ask(verified(server.url('postgres')), 'select 1'), /certificate/)
    assert.deepEqual(await ask(verified(server.url('postgres'), otherCa), 'select 1 as one'), [{ one: 1 }])
  })
})
