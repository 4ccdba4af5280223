import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceUrls } from './service-address.ts'

for (const [text, isTaken] of [
  ['http://a:8083', true],
  ['http://a:8083, https://b/', true],
  ['http://a/x,http://b/x', true],
  ['http://a/x,http://b/y', false],
  ['http://a,', false],
  ['a:8083', false],
  ['', false],
  ['dns+http://accounts:8083', true],
  ['srv+https://_http._tcp.accounts', true],
  ['dns+ftp://accounts', false],
  ['any+http://accounts', false],
  ['dns+http://one:8083,dns+http://two:8083', false],
  ['http://one:8083,dns+http://two:8083', false],
] as const) {
  test(`${JSON.stringify(text)} is ${isTaken ? 'taken' : 'refused'} as where a service is reached`, () => {
    assert.equal(ServiceUrls.safeParse(text).success, isTaken)
  })
}
