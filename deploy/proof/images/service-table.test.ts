import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { databasesOf, type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { callers } from '@micropay/runtime/tls/callers'

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8')
const rows: readonly ServiceRow[] = serviceTable
const compose = read('docker-compose.yml')
const stores = ['kafka', 'eventstoredb', 'postgres', 'redis', 'databases', 'log-rights', 'certificates']
/** Beside what they look at, by profiles. */
const observers = ['prometheus', 'alertmanager', 'grafana']

/** What stands in docker-compose.yml below `services:`, by name. */
const services = compose.split(/^services:$/m)[1]?.split(/^[a-z]+:$/m)[0] ?? ''
const blocks = new Map(
  services.split(/^ {2}(?=[a-z0-9-]+:$)/m).flatMap((text) => {
    const name = /^([a-z0-9-]+):$/m.exec(text)?.[1]
    return name === undefined || !text.startsWith(name) ? [] : [[name, text] as const]
  }),
)
const blockOf = ({ name }: ServiceRow) => blocks.get(name) ?? ''
const composeName = (database: string) => (database === 'lease' ? 'leases' : database)

test('the table holds every main.ts that there is, and each name, file and port once', () => {
  const mains = globSync('{write-side,gateway,{projections,read-side}/*}/main.ts', { cwd: repositoryRoot })
  const issuer = 'deploy/local/issuer/issuer-main.ts'
  assert.deepEqual(rows.map(({ main }) => main).toSorted(), [...mains, issuer].toSorted())
  for (const column of ['name', 'main', 'port'] as const) {
    assert.equal(new Set(rows.map((row) => row[column])).size, rows.length, column)
  }
})

test('a service listens by default where the table says, and reads the settings that it says', () => {
  for (const { main, port, database, needs } of rows) {
    const source = read(main)
    for (const [, named] of source.matchAll(/\b(?:port|queryEnvironment)\((\d+)\)/g)) assert.equal(Number(named), port)
    if (database !== undefined) assert.ok(source.includes(`${database.toUpperCase()}_DATABASE_URL`), main)
    if (needs.includes('state-directory')) assert.ok(source.includes('STATE_DIRECTORY'), main)
    if (needs.includes('client')) assert.ok(source.includes('OIDC_CLIENT_SECRET'), main)
  }
})

test('each projection fills a database of its own, which one read-side answers from', () => {
  const of = (kind: string) => rows.filter((row) => row.kind === kind).map(({ database }) => database)
  assert.deepEqual(of('projection').toSorted(), of('read-side').toSorted())
  assert.equal(new Set(of('projection')).size, of('projection').length)
  for (const { name, kind, database } of rows) {
    if (kind === 'projection') assert.equal(name, `${database}-projection`)
    if (kind === 'read-side') assert.equal(name, database)
  }
})

test('docker-compose.yml runs the services of the table and no other, each with what it needs', () => {
  assert.deepEqual(
    [...blocks.keys()].toSorted(),
    [...rows.map(({ name }) => name), ...stores, ...observers, 'write-side-2'].toSorted(),
  )
  for (const row of rows) {
    const block = blockOf(row)
    assert.match(block, new RegExp(`^    command: \\[node, ${row.main}\\]$`, 'm'))
    assert.equal(/<<: (?:\*log|\[.*\*log[,\]])/.test(block), row.needs.includes('log'), `${row.name}: the log`)
    assert.equal(/^ +CURSOR_SECRET:/m.test(block), row.needs.includes('cursor-secret'), `${row.name}: CURSOR_SECRET`)
    assert.equal(/^ +STATE_DIRECTORY:/m.test(block), row.needs.includes('state-directory'), `${row.name}: its state`)
    assert.equal(/^ +OIDC_CLIENT_SECRET:/m.test(block), row.needs.includes('client'), `${row.name}: its client`)
    assert.deepEqual(databasesGivenTo(block), databasesOfRow(row), row.name)
  }
})

/** The variables of databases in a block, each with the anchor of what it is given. */
function databasesGivenTo(block: string): readonly string[] {
  return [...block.matchAll(/^ +([A-Z_]+)_DATABASE_URL: \*([a-z-]+)$/gm)].map(([, name, as]) => `${name} ${as}`)
}

/** Each with the role that it needs: only a worker owns leases, only a projection builds, and who only reads, reads. */
function databasesOfRow({ kind, database, needs }: ServiceRow): readonly string[] {
  const leases = needs.includes('leases') ? ['LEASE tell'] : []
  if (database === undefined) return leases
  const name = database.toUpperCase()
  if (kind === 'write-side') return [...leases, `${name} leases`]
  if (kind === 'read-side') return [...leases, `${name} read-${database}`]
  return [...leases, `${name} ${database}`, `${name}_BUILD build-${database}`]
}

test('Compose makes the databases of the table with a role for each use, and services wait for who makes them', () => {
  const block = blocks.get('databases') ?? ''
  const made = [...block.matchAll(/^ +([A-Z_]+)_DATABASE_URL: &([a-z-]+) .*\/\/(\w+):.+@postgres\/(\w+)\?\S+$/gm)]
  const anchors = new Map(made.map(([, , anchor = '', role, database]) => [anchor, `${role} ${database}`]))
  assert.equal(new Set(anchors.values()).size, anchors.size, 'a role is for one use')
  assert.equal(anchors.size, made.length)
  for (const name of databasesOf(rows)) {
    assert.ok(
      made.some(([, , , , database]) => database === `micropay_${composeName(name)}`),
      name,
    )
  }
  const given = new Set(rows.flatMap((row) => databasesOfRow(row).map((text) => text.split(' ')[1])))
  assert.deepEqual([...anchors.keys()].toSorted(), [...given].toSorted())
  assert.equal(compose.match(/ADMIN_DATABASE_URL/g)?.length, 1, 'nobody else is the superuser')
  for (const row of rows) {
    const own = blockOf(row)
    if (row.kind === 'write-side' || row.kind === 'projection') assert.match(own, /depends_on: [&*]stores/)
    if (row.kind === 'read-side') assert.match(own, new RegExp(`^ {6}${row.database}-projection: .*healthy`, 'm'))
  }
})

test('the gateway of Compose is told of every service that it asks, by its name', () => {
  const gateway = blocks.get('gateway') ?? ''
  for (const { name, kind, database } of rows) {
    if (kind === 'projection') assert.match(gateway, new RegExp(`[ ,]${database}=https://${name}:8080`))
    if (kind !== 'write-side' && kind !== 'read-side') continue
    const variable = `${name.toUpperCase().replaceAll('-', '_')}_URL`
    // Of the write side there are two.
    const found = kind === 'write-side' ? 'dns\\+' : ''
    assert.match(gateway, new RegExp(`^ +${variable}: ${found}https://${name}:8080$`, 'm'))
    assert.match(gateway, new RegExp(`^ {6}${name}: \\{ condition: service_healthy \\}$`, 'm'))
  }
})

test('services of Compose speak mutual TLS, each with the certificate that it alone is given', () => {
  const tls = /^x-tls: &tls\n((?: {2}.*\n)+)/m.exec(compose)?.[1] ?? ''
  const files = [...tls.matchAll(/^ {2}TLS_(CERT|KEY|CA)_FILE: \/certificates\/(\S+)$/gm)].map(([, of, name]) => [
    of,
    name,
  ])
  assert.deepEqual(files, [
    ['CERT', 'tls.crt'],
    ['KEY', 'tls.key'],
    ['CA', 'ca.crt'],
  ])
  for (const row of rows) {
    const block = blockOf(row)
    if (row.kind === 'issuer') continue
    assert.ok(row.name in callers, row.name)
    assert.match(block, /^ {6}<<: \[.*\*tls\]$/m, row.name)
    assert.equal(/^ {6}HEALTH_PORT: [1-9]\d*$/m.test(block), row.kind !== 'gateway', `${row.name}: its probes`)
    if (row.kind !== 'write-side' && row.kind !== 'projection') assert.match(block, /^ {6}certificates: .*_healthy/m)
    assert.deepEqual(foldersOf(block), [row.name])
  }
  const stores = /depends_on: &stores\n((?: {6}.*\n)+)/.exec(compose)?.[1] ?? ''
  assert.match(stores, /^ {6}certificates: \{ condition: service_healthy \}$/m)
  assert.equal(compose.match(/"certificates:/g)?.length, 1, 'nobody else has all of them, or the key of the authority')
  const plain = [...compose.matchAll(/http:\/\/([a-z-]+)/g)].map(([, host]) => host)
  assert.deepEqual(plain, ['prometheus'], 'but for what was measured nothing is reached in plain text')
})

test('the second worker of Compose is another one by its name, address and state, found by the name of both', () => {
  const [first = '', second = ''] = ['write-side', 'write-side-2'].map((name) => blocks.get(name))
  assert.match(first, /^ {4}environment: &worker$/m)
  assert.match(second, /^ {6}<<: \*worker$/m)
  const given = (block: string, line: RegExp) => String(line.exec(block)?.[1])
  for (const line of [/WORKER_ID: (\S+)$/m, /ADVERTISED_URL: (\S+)$/m, /([a-z0-9-]+-state):\/var\/lib\/micropay/]) {
    assert.notEqual(given(first, line), given(second, line))
    assert.notEqual(given(second, line), 'undefined')
  }
  for (const [block, own] of [
    [first, ''],
    [second, 'write-side-2'],
  ] as const) {
    const names = [given(block, /aliases: \[(.+)\]/), own]
    assert.ok(names.includes(new URL(given(block, /ADVERTISED_URL: (\S+)$/m)).hostname), block)
  }
  assert.match(second, /aliases: \[write-side\]/)
})

test('whoever speaks with PostgreSQL in Compose knows it by its certificate, and each store has its own', () => {
  const addresses = [...compose.matchAll(/postgres(?:ql)?:\/\/.*$/gm)].map(([address]) => address)
  assert.ok(addresses.length > 10)
  for (const address of addresses) assert.match(address, /\?sslmode=verify-full&sslrootcert=\/certificates\/ca\.crt$/)
  assert.deepEqual(foldersOf(blocks.get('databases') ?? ''), ['trusted'])
  const given = /^ {6}STORES: (\S+)$/m.exec(blocks.get('certificates') ?? '')?.[1] ?? ''
  for (const store of given.split(',')) {
    const block = blocks.get(store) ?? ''
    assert.deepEqual(foldersOf(block), [store])
    assert.match(block, new RegExp(`^ {4}entrypoint: \\[sh, /micropay/${store}\\.sh\\]$`, 'm'))
    assert.ok(block.includes(`- ./deploy/images/${store}.sh:/micropay/${store}.sh:ro\n`), store)
    assert.match(block, /^ {6}certificates: \{ condition: service_healthy \}$/m)
  }
})

test('whoever speaks with Kafka in Compose has a login by TLS, and the write side alone that which writes', () => {
  const log = /^x-log: &log\n((?: {2}.*\n)+)/m.exec(compose)?.[1] ?? ''
  assert.match(log, /^ {2}KAFKA_SECURITY: sasl_ssl$/m)
  assert.match(log, /^ {2}KAFKA_CA_FILE: \/certificates\/ca\.crt$/m)
  const loginOf = (block: string) =>
    [/KAFKA_USERNAME: (.*)$/m, /KAFKA_PASSWORD: \$\{([A-Z_]+)/m].map((line) => line.exec(block)?.[1])
  assert.deepEqual(loginOf(log), ['reader', 'KAFKA_READER_PASSWORD'])
  assert.deepEqual(loginOf(blocks.get('log-rights') ?? ''), ['admin', 'KAFKA_ADMIN_PASSWORD'])
  assert.deepEqual(foldersOf(blocks.get('log-rights') ?? ''), ['trusted'])
  for (const row of rows) {
    const own = row.kind === 'write-side' ? ['writer', 'KAFKA_WRITER_PASSWORD'] : [undefined, undefined]
    assert.deepEqual(loginOf(blockOf(row)), own, row.name)
  }
  assert.match(compose, /^ {6}log-rights: \{ condition: service_completed_successfully \}$/m)
})

/** The folders of certificates that a block is given, to read. */
function foldersOf(block: string): readonly string[] {
  const mounts = block
    .replace(/\s+/g, ' ')
    .matchAll(/source: certificates, target: \/certificates, ([^{}]*\{[^{}]*\}),? \}/g)
  return [...mounts].map(
    ([, how = '']) => /^read_only: true, volume: \{ nocopy: true, subpath: ([a-z-]+) \}$/.exec(how)?.[1] ?? how,
  )
}

test('docs/deployment.md lists the services of the table', () => {
  const documented = [...read('docs/deployment.md').matchAll(/^\| `([a-z-]+)` \| `(\S+\.ts)` \| (\d+) \| ([^|]*) \|/gm)]
  assert.deepEqual(
    documented.map(([, name, main, port, database]) => [
      name,
      main,
      Number(port),
      database?.replaceAll('`', '').trim(),
    ]),
    rows.map(({ name, main, port, database }) => [name, main, port, database ?? '']),
  )
})
