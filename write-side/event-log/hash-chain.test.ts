import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { firstHash, nextHash } from './fold.ts'

test('the hash chain is SHA-256 over the previous 32 bytes and the exact bytes of the record', () => {
  assert.equal(firstHash('ledger', 0), FIRST_HASH_VECTOR)
  assert.equal(nextHash(FIRST_HASH_VECTOR, new TextEncoder().encode('abc')), NEXT_HASH_VECTOR)
})

test('the hash of a record depends on no earlier call, whatever the lengths and the previous hashes', () => {
  const expected = (previous: string, value: Uint8Array) =>
    createHash('sha256').update(Buffer.from(previous, 'base64url')).update(value).digest('base64url')
  for (const length of [1_000_000, 3, 4_063, 4_064, 4_065, 0, 2_000_000, 1]) {
    for (const previous of [FIRST_HASH_VECTOR, '!'.repeat(43), NEXT_HASH_VECTOR, 'short']) {
      const value = Buffer.alloc(length, length % 251)
      assert.equal(nextHash(previous, value), expected(previous, value), `${length} bytes`)
    }
  }
})

/** printf 'ledger\n0' | sha256sum, in base64url; then the same over those 32 bytes followed by 'abc'. */
const FIRST_HASH_VECTOR = 'YWPakRVAYXtqzEeEpzrMbCCcPk_vowVfmkBCMRyknIE'
const NEXT_HASH_VECTOR = 'qsfFg2SRrH9h3gxGxj9WkCrwQoy0BBE2-a7jrS78_oE'
