import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@micropay/runtime/config'
import { databasesIn } from './purposes.ts'

const url = (role: string, database: string, password = 'p%40ss') => `postgres://${role}:${password}@host/${database}`

test('addresses of one database are gathered, and a role that is given twice is for both', () => {
  const environment = {
    LEASE_DATABASE_URL: url('worker', 'ledger'),
    LOG_DATABASE_URL: url('worker', 'ledger'),
    LOG_READ_DATABASE_URL: url('reader', 'ledger'),
    ACCOUNTS_BUILD_DATABASE_URL: url('builder', 'accounts'),
    ACCOUNTS_READ_DATABASE_URL: url('reader', 'accounts'),
    AUDIT_DATABASE_URL: '',
  }
  assert.deepEqual(databasesIn(environment), [
    {
      ...{ name: 'ledger', owner: 'ledger' },
      roles: [
        { name: 'worker', password: 'p@ss', purposes: ['own leases', 'write log'] },
        { name: 'reader', password: 'p@ss', purposes: ['read log'] },
      ],
    },
    {
      ...{ name: 'accounts', owner: 'accounts' },
      roles: [
        { name: 'builder', password: 'p@ss', purposes: ['build'] },
        { name: 'reader', password: 'p@ss', purposes: ['read'] },
      ],
    },
  ])
})

for (const [title, environment, told] of [
  ['nothing', {}, /no database is named: set at least one of LEASE_DATABASE_URL/],
  ['an address without a password', { LEASE_DATABASE_URL: 'postgres://role@host/leases' }, /^LEASE_DATABASE_URL: must/],
  ['an address without a database', { LEASE_DATABASE_URL: 'postgres://role:secret@host' }, /with all of these$/],
  ['an address of another kind', { LEASE_DATABASE_URL: 'mysql://role:secret@host/leases' }, /must be postgres:/],
  [
    'a role named like its database',
    { LEASE_DATABASE_URL: url('leases', 'leases') },
    /the role leases owns the database/,
  ],
  [
    'a role with two passwords',
    { LEASE_DATABASE_URL: url('a', 'leases'), LEASE_TELL_DATABASE_URL: url('a', 'leases', 'other') },
    /^LEASE_TELL_DATABASE_URL: the role a has another password/,
  ],
  [
    'a read model without a builder',
    { ACCOUNTS_DATABASE_URL: url('a', 'accounts') },
    /builds the read model in accounts/,
  ],
] as const) {
  test(`${title} is refused with what is right, and without a password`, () => {
    const isTold = (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, told)
      assert.doesNotMatch(error.message, /p@ss|p%40ss|secret/)
      return true
    }
    assert.throws(() => databasesIn(environment), isTold)
  })
}
