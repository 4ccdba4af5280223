import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addressesIn } from './addresses.ts'

test('an address may stand in a file, which is named as for a service', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'micropay-addresses-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'admin')
  writeFileSync(file, 'postgres://postgres:held@host/postgres\n')
  const given = {
    ADMIN_DATABASE_URL_FILE: file,
    ACCOUNTS_DATABASE_URL: 'postgres://run:given@host/accounts',
    HOME: '/',
  }
  assert.deepEqual(addressesIn(given), {
    admin: 'postgres://postgres:held@host/postgres',
    others: { ACCOUNTS_DATABASE_URL: 'postgres://run:given@host/accounts' },
  })
})

test('a file that cannot be read is named, and so is the one address that has to be there', () => {
  const missing = { ADMIN_DATABASE_URL: 'postgres://a:b@host/c', AUDIT_DATABASE_URL_FILE: '/nowhere/audit' }
  assert.throws(() => addressesIn(missing), /AUDIT_DATABASE_URL \(AUDIT_DATABASE_URL_FILE \/nowhere\/audit\)/)
  assert.throws(() => addressesIn({}), /ADMIN_DATABASE_URL is missing/)
})
