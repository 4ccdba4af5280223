import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceConfiguration } from '@micropay/schemas/api/configuration'
import type { LedgerClient } from '@micropay/sdk/ledger-client'
import { configurationLines, releaseText, showConfiguration } from './show-configuration.ts'

const usual = { changes: 'at a restart', isWaiting: false } as const
const gateway: ServiceConfiguration = {
  service: 'gateway',
  instance: 'host-1',
  ...{ version: '1.2.3', commit: '0123456789abcdef0123456789abcdef01234567' },
  settings: [
    { name: 'CONFIG_KEPT', value: null, from: null, ...usual },
    { name: 'PORT', value: '8080', from: 'the default', ...usual, isWaiting: true },
    { name: 'SESSION_SECRET', value: '(secret, 2 keys)', from: 'CONFIG_FILE /c.json', ...usual, changes: 'at once' },
  ],
  lastReload: null,
  trouble: null,
  notices: [],
}
const told: ServiceConfiguration['lastReload'] = {
  at: '2026-01-02T03:04:05.000Z',
  outcome: 'refused',
  changed: [],
  waiting: [],
  reason: 'X: is wrong',
}

test('each setting is told with where it comes from, whether it may change, and what waits', () => {
  assert.deepEqual(configurationLines(gateway), [
    'gateway (host-1), 1.2.3 (commit 0123456789ab)',
    '  PORT            8080              the default          another value waits for a restart',
    '  SESSION_SECRET  (secret, 2 keys)  CONFIG_FILE /c.json  may change',
  ])
  assert.deepEqual(
    configurationLines({ ...gateway, trouble: 'they do not fit:\n  X: is wrong', lastReload: told }).slice(0, 4),
    [
      'gateway (host-1), 1.2.3 (commit 0123456789ab)',
      '  ! they do not fit:',
      '  !   X: is wrong',
      '  refused at 2026-01-02T03:04:05.000Z',
    ],
  )
})

test('a service of before, which says no release, has none behind its name', () => {
  assert.equal(configurationLines({ ...gateway, version: null, commit: null })[0], 'gateway (host-1)')
  assert.equal(releaseText({ version: '1.2.3', commit: null }), '1.2.3')
})

test('one long value moves no other line', () => {
  const long = { name: 'OIDC_SCOPE', value: 'x'.repeat(300), from: 'the default', ...usual }
  const [, , port = ''] = configurationLines({ ...gateway, settings: [long, ...gateway.settings] })
  assert.match(port, /^ {2}PORT/)
  assert.ok(port.length < 150, port)
})

test('what works and should be better is told, and nothing is wrong for it', async () => {
  const noticed = { ...gateway, notices: ['X: the role x may change tables'] }
  assert.equal(configurationLines(noticed)[1], '  ? X: the role x may change tables')
  const body = { services: [noticed], unreachable: [] }
  const ledger = { send: async () => ({ status: 200, body }) } as unknown as LedgerClient
  assert.equal(await showConfiguration(ledger, undefined, () => undefined), true)
})

test('it is well when all answered without a trouble, and a service that is not there is refused', async () => {
  const show = async (body: object, service?: string) => {
    const ledger = { send: async () => ({ status: 200, body }) } as unknown as LedgerClient
    const lines: string[] = []
    return [await showConfiguration(ledger, service, (line) => lines.push(line)), lines.at(-1)]
  }
  const well = { services: [gateway], unreachable: [] }
  assert.equal((await show(well))[0], true)
  assert.equal((await show({ ...well, services: [{ ...gateway, trouble: 'away' }] }))[0], false)
  const away = { ...well, unreachable: [{ service: 'accounts', reason: 'does not answer' }] }
  assert.deepEqual(await show(away), [false, 'accounts: does not answer'])
  await assert.rejects(show(well, 'gatway'), /there is no service gatway: there are gateway$/)
})
