import assert from 'node:assert/strict'
import { test } from 'node:test'
import { returnPathOf } from './return-path.ts'

const publicUrl = new URL('https://pay.example')

for (const path of ['/', '/accounts/ada:main?page=2#entries', '/a//b', '/sessions']) {
  test(`${path} stays on this site`, () => assert.equal(returnPathOf(path, publicUrl), path))
}

for (const path of [
  undefined,
  ['/a'],
  '',
  'accounts',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/a\\..\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/session/login?returnTo=/',
  '/a/../session/login',
  `/${'a'.repeat(2000)}`,
]) {
  test(`${JSON.stringify(path)?.slice(0, 40)} is not followed`, () => assert.equal(returnPathOf(path, publicUrl), '/'))
}
