import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { ConfigError, port } from '../config.ts'
import { startConfigurationServer } from './configuration-server.fixture.ts'
import { keyRing } from './key-ring.ts'
import { openSettings } from './open-settings.ts'
import { logLevel } from './own-settings.ts'

const schema = z.object({
  PORT: port(8080),
  OIDC_CLIENT_SECRET: z
    .string({ error: 'the secret of the client' })
    .min(8, { error: 'must have 8 characters or more' }),
  RATE_LIMIT_PER_SECOND: z.coerce.number({ error: 'must be a number of requests' }).default(2000),
  SESSION_SECRET: keyRing({ atLeast: 8, error: 'must have 8 characters or more' }).optional(),
  UI_DIRECTORY: z.string().optional(),
  LOG_LEVEL: logLevel,
})

/** It is patient for less long than the real one. */
const clock = { ...systemClock, deadline: () => AbortSignal.timeout(100), sleep: async () => true }
const open = (env: NodeJS.ProcessEnv) => openSettings('gateway', schema, { env, clock })
const directory = mkdtempSync(join(tmpdir(), 'settings-'))
const fileOf = (name: string, text: string) => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}
const secret = fileOf('secret', 'from a file\n')
const given = { OIDC_CLIENT_SECRET: 'given by the environment' }
let server: Awaited<ReturnType<typeof startConfigurationServer>>
before(async () => {
  server = await startConfigurationServer()
})
after(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

/** The lines of the error below its first one. */
async function faultsOf(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const error = await open(env).then(
    () => assert.fail('the settings were taken'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ConfigError)
  const [first, ...lines] = error.message.split('\n')
  assert.equal(first, 'the settings of gateway do not fit:')
  return lines.map((line) => line.trim().replaceAll(directory, ''))
}

test('the environment counts first, then a file of its own, the file, the server, and the default', async () => {
  const config = fileOf(
    'all.json',
    JSON.stringify({ RATE_LIMIT_PER_SECOND: 2, UI_DIRECTORY: 'file', LOG_LEVEL: 'warn' }),
  )
  server.say(
    { name: 'gateway.yml', source: { UI_DIRECTORY: 'server', SESSION_SECRET: 'of the gateway' } },
    { name: 'application.yml', source: { SESSION_SECRET: 'of all services', OIDC_CLIENT_SECRET: 'of all services' } },
  )
  const env = {
    CONFIG_FILE: config,
    CONFIG_URL: server.url,
    RATE_LIMIT_PER_SECOND: '1',
    OIDC_CLIENT_SECRET_FILE: secret,
  }
  const { values, inForce } = await open(env)
  const { PORT, OIDC_CLIENT_SECRET, RATE_LIMIT_PER_SECOND, SESSION_SECRET, UI_DIRECTORY } = values
  assert.deepEqual(
    { PORT, OIDC_CLIENT_SECRET, RATE_LIMIT_PER_SECOND, SESSION_SECRET, UI_DIRECTORY },
    {
      ...{ PORT: 8080, OIDC_CLIENT_SECRET: 'from a file', RATE_LIMIT_PER_SECOND: 1 },
      ...{ SESSION_SECRET: ['of the gateway'], UI_DIRECTORY: 'file' },
    },
  )
  const shown = new Map(inForce().settings.map(({ name, value, from }) => [name, [value, from]]))
  assert.deepEqual(shown.get('PORT'), ['8080', 'the default'])
  assert.deepEqual(shown.get('OIDC_CLIENT_SECRET'), ['(secret)', `OIDC_CLIENT_SECRET_FILE ${secret}`])
  assert.deepEqual(shown.get('RATE_LIMIT_PER_SECOND'), ['1', 'the environment'])
  assert.deepEqual(shown.get('UI_DIRECTORY'), ['file', `CONFIG_FILE ${config}`])
  assert.deepEqual(shown.get('SESSION_SECRET'), ['(secret)', `CONFIG_URL ${server.url}, gateway.yml`])
  assert.deepEqual(shown.get('CONFIG_KEPT'), [null, null])
})

test('a variable that is empty, as Compose hands over what is not set, is none', async () => {
  const { values } = await open({ ...given, LOG_LEVEL: '', UI_DIRECTORY: '', OIDC_CLIENT_SECRET_FILE: '' })
  assert.deepEqual([values.LOG_LEVEL, values.UI_DIRECTORY], ['info', undefined])
})

test('all that is wrong is told at once, with its source and what is right, and never with its value', async () => {
  const config = fileOf(
    'wrong.json',
    '{ "RATE_LIMIT_PER_SECOND": "plenty", "SESSION_SECRET": ["short", "a long enough one"] }',
  )
  assert.deepEqual(await faultsOf({ PORT: '70000', LOG_LEVEL: 'loud', CONFIG_FILE: config }), [
    'PORT (the environment): must be a TCP port: a number from 0 (any that is free) to 65535',
    'OIDC_CLIENT_SECRET: is missing: the secret of the client',
    'RATE_LIMIT_PER_SECOND (CONFIG_FILE /wrong.json): must be a number of requests',
    'SESSION_SECRET (CONFIG_FILE /wrong.json): must have 8 characters or more',
    'LOG_LEVEL (the environment): must be one of trace, debug, info, warn, error, fatal, silent',
  ])
})

test('a file of one setting that cannot be read, is empty, or has a variable beside it is refused', async () => {
  const path = join(directory, 'missing')
  assert.deepEqual(await faultsOf({ OIDC_CLIENT_SECRET_FILE: path }), [
    'OIDC_CLIENT_SECRET (OIDC_CLIENT_SECRET_FILE /missing): the file cannot be read (ENOENT)',
  ])
  assert.deepEqual(await faultsOf({ OIDC_CLIENT_SECRET_FILE: directory }), [
    'OIDC_CLIENT_SECRET (OIDC_CLIENT_SECRET_FILE ): it is no file',
  ])
  assert.deepEqual(await faultsOf({ OIDC_CLIENT_SECRET_FILE: fileOf('empty', '\n') }), [
    'OIDC_CLIENT_SECRET (OIDC_CLIENT_SECRET_FILE /empty): the file is empty',
  ])
  assert.deepEqual(await faultsOf({ ...given, OIDC_CLIENT_SECRET_FILE: secret }), [
    'OIDC_CLIENT_SECRET (OIDC_CLIENT_SECRET_FILE): ' +
      'both OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are set: keep one of them',
  ])
})

test('a setting whose own name ends with _FILE is no file of another one', async () => {
  const own = z.object({ TLS_KEY: z.string().optional(), TLS_KEY_FILE: z.string() })
  const { values } = await openSettings('gateway', own, { env: { TLS_KEY_FILE: '/no/such/file' }, clock })
  assert.deepEqual([values.TLS_KEY, values.TLS_KEY_FILE], [undefined, '/no/such/file'])
})

test('a file for all services has sections of their own, which count before what is for all', async () => {
  const gateway = { RATE_LIMIT_PER_SECOND: 7, SESSION_SECRET: ['the new key', 'the old key'] }
  const shared = { ...given, LOG_LEVEL: null, RATE_LIMIT_PER_SECOND: 5, LEDGER_ID: 'of the write side' }
  const config = fileOf('shared.json', JSON.stringify({ ...shared, gateway, 'write-side': { PARTITIONS: 4 } }))
  const { values, inForce } = await open({ CONFIG_FILE: config })
  assert.equal(values.RATE_LIMIT_PER_SECOND, 7)
  assert.deepEqual(values.SESSION_SECRET, ['the new key', 'the old key'])
  assert.equal(values.LOG_LEVEL, 'info')
  const ring = inForce().settings.find(({ name }) => name === 'SESSION_SECRET')
  assert.deepEqual(ring?.value, '(secret, 2 keys)')
})

test('a name in a file that nobody knows is refused, with the one that was meant', async () => {
  const wrong = {
    ...given,
    rateLimitPerSecond: 3,
    SESSION_SECRTE: 'x',
    colour: 'red',
    CONFIG_URL: 'http://else',
    gatway: {},
  }
  assert.deepEqual(await faultsOf({ CONFIG_FILE: fileOf('names.json', JSON.stringify(wrong)) }), [
    'rateLimitPerSecond (CONFIG_FILE /names.json): ' +
      'no service has a setting of this name: did you mean RATE_LIMIT_PER_SECOND?',
    'SESSION_SECRTE (CONFIG_FILE /names.json): no service has a setting of this name: did you mean SESSION_SECRET?',
    'colour (CONFIG_FILE /names.json): no service has a setting of this name',
    'CONFIG_URL (CONFIG_FILE /names.json): is read from the environment alone, since it says where the others are',
    'gatway (CONFIG_FILE /names.json): there is no service of this name: there are issuer, write-side, gateway, ' +
      'accounts, reconciliation, audit, accounts-projection, reconciliation-projection, audit-projection',
  ])
  for (const text of ['', '[]', '{ "OIDC_CLIENT_SECRET": "unclosed ', 'LOG_LEVEL: info']) {
    assert.deepEqual(await faultsOf({ ...given, CONFIG_FILE: fileOf('broken.json', text) }), [
      'CONFIG_FILE (CONFIG_FILE /broken.json): the file must be a JSON object, like { "LOG_LEVEL": "info" }',
    ])
  }
  const odd = { ...given, LOG_LEVEL: { of: 'objects' }, PORT: [8080], UI_DIRECTORY: [['x']] }
  assert.deepEqual(await faultsOf({ CONFIG_FILE: fileOf('odd.json', JSON.stringify(odd)) }), [
    'LOG_LEVEL (CONFIG_FILE /odd.json): must be a text, a number, or a list of texts',
    'PORT (CONFIG_FILE /odd.json): must be a text, a number, or a list of texts',
    'UI_DIRECTORY (CONFIG_FILE /odd.json): must be a text, a number, or a list of texts',
  ])
})

test('the server is asked for the service and the profile, as the user of its address', async () => {
  server.say({
    name: 'gateway.yml',
    source: { ...given, 'SESSION_SECRET[0]': 'the new key', 'SESSION_SECRET[1]': 'the old key' },
  })
  const CONFIG_URL = server.url.replace('//', '//reader:p%40ss@').concat('/base/')
  const { values, inForce } = await open({ CONFIG_URL, CONFIG_PROFILE: 'production,eu' })
  assert.deepEqual(values.SESSION_SECRET, ['the new key', 'the old key'])
  const basic = `Basic ${Buffer.from('reader:p@ss').toString('base64')}`
  assert.deepEqual(server.asked.at(-1), { path: '/base/gateway/production,eu', authorization: basic })
  assert.ok(!JSON.stringify(inForce()).includes('p%40ss'))
})

test('what a server says that is not known or was not decrypted is refused', async () => {
  const source = { ...given, 'session.secret': 'x', 'invalid.SESSION_SECRET': '<n/a>', UI_DIRECTORY: '{cipher}AQ' }
  server.say({ name: 'gateway.yml', source })
  assert.deepEqual(await faultsOf({ CONFIG_URL: server.url }), [
    `session.secret (CONFIG_URL ${server.url}, gateway.yml): ` +
      `no service has a setting of this name: did you mean SESSION_SECRET?`,
    `invalid.SESSION_SECRET (CONFIG_URL ${server.url}, gateway.yml): the server could not decrypt it: see its log`,
    `UI_DIRECTORY (CONFIG_URL ${server.url}, gateway.yml): is still encrypted: the server has to decrypt it`,
  ])
})

test('a server that cannot be read ends the start in time, with the reason and without its password', async () => {
  const nothing = 'and CONFIG_KEPT holds nothing of before: it is not set'
  const url = server.url.replace('//', '//reader:password@')
  const told = (problem: string) => [
    'OIDC_CLIENT_SECRET: is missing: the secret of the client',
    `CONFIG_URL (${server.url}): ${problem}, ${nothing}`,
  ]
  const faults = async () => (await faultsOf({ CONFIG_URL: url })).toSorted().toReversed()
  server.behave(() => undefined)
  const askedBefore = server.asked.length
  assert.deepEqual(await faults(), told('no answer within 3000 ms'))
  assert.equal(server.asked.length, askedBefore + 3)
  server.behave((_request, reply) => void reply.writeHead(401).end('bad password'))
  assert.deepEqual(await faults(), told('it answers 401'))
  server.behave((_request, reply) => void reply.writeHead(302, { location: '/else' }).end())
  assert.match(String(await faults()), /no answer \(.*\)/)
  server.behave((_request, reply) => void reply.end('{"propertySources":{}}'))
  assert.deepEqual(await faults(), told('it answers in a form that is not that of Spring Cloud Config'))
  server.behave((_request, reply) => void reply.end(Buffer.alloc(1_100_000, ' ')))
  assert.deepEqual(await faults(), told('its answer has more than 1048576 bytes'))
  server.behave((request) => void request.socket.destroy())
  assert.deepEqual(await faults(), told('no answer (UND_ERR_SOCKET)'))
})

test('what the server last said is kept for its owner alone, and taken while the server is away', async () => {
  const CONFIG_KEPT = fileOf('kept.json', 'of before, for everyone to read')
  const env = { CONFIG_URL: server.url, CONFIG_KEPT }
  server.say({ name: 'gateway.yml', source: { ...given, UI_DIRECTORY: 'kept' } })
  assert.equal((await open(env)).trouble(), undefined)
  assert.equal(statSync(CONFIG_KEPT).mode & 0o777, 0o600)
  server.behave((_request, reply) => void reply.writeHead(503).end())
  const again = await open(env)
  assert.equal(again.values.UI_DIRECTORY, 'kept')
  assert.match(
    again.trouble() ?? '',
    /^the configuration server cannot be read \(it answers 503\): what it said at 2.*Z holds$/,
  )
  const [fault = ''] = (await faultsOf({ ...env, CONFIG_PROFILE: 'other', ...given })).slice(-1)
  assert.match(fault, /and CONFIG_KEPT holds nothing of before: the file holds what .*\/gateway\/default answered$/)
  const whole = readFileSync(CONFIG_KEPT, 'utf8')
  writeFileSync(CONFIG_KEPT, whole.slice(0, -20))
  assert.match(String(await faultsOf({ ...env, ...given })), /holds nothing of before: the file is damaged/)
})

test('what the server said is not kept when it is wrong', async () => {
  const CONFIG_KEPT = join(directory, 'never.json')
  server.say({ name: 'gateway.yml', source: { ...given, LOG_LEVEL: 'loud' } })
  await faultsOf({ CONFIG_URL: server.url, CONFIG_KEPT })
  assert.throws(() => statSync(CONFIG_KEPT))
})

test('a place that cannot be written keeps nobody from starting, and is told', async () => {
  server.say({ name: 'gateway.yml', source: given })
  const settings = await open({ CONFIG_URL: server.url, CONFIG_KEPT: '/no/such/folder/kept.json' })
  assert.match(settings.trouble() ?? '', /^CONFIG_KEPT .* cannot be written: ENOENT/)
})
