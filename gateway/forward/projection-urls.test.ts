import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkByHttps, ProjectionUrls, projectionUrls, ServiceUrls } from './projection-urls.ts'

test('each projection service has a name and an address; one alone is that of the accounts', () => {
  const urls = ProjectionUrls.parse('accounts=http://a:8082, audit=https://b/prefix')
  assert.deepEqual(
    [...urls],
    [
      ['accounts', 'http://a:8082'],
      ['audit', 'https://b/prefix'],
    ],
  )
  assert.deepEqual([...projectionUrls({ PROJECTIONS_URL: 'http://a:8082' })], [['accounts', 'http://a:8082']])
  assert.throws(() => projectionUrls({}), /PROJECTIONS_URLS: is missing: must look like/)
})

for (const text of [
  '',
  'http://a:8082',
  'accounts=',
  'accounts=ftp://a',
  'Accounts=http://a',
  'a=http://a,a=http://b',
  'a=http://a,',
]) {
  test(`${JSON.stringify(text)} is refused`, () => assert.equal(ProjectionUrls.safeParse(text).success, false))
}

for (const [text, isTaken] of [
  ['http://a:8083', true],
  ['http://a:8083, https://b/', true],
  ['http://a/x,http://b/x', true],
  ['http://a/x,http://b/y', false],
  ['http://a,', false],
  ['a:8083', false],
  ['', false],
] as const) {
  test(`${JSON.stringify(text)} is ${isTaken ? 'taken' : 'refused'} as where a service is reached`, () => {
    assert.equal(ServiceUrls.safeParse(text).success, isTaken)
  })
}

test('a gateway that has a certificate is told of the first address that is not https', () => {
  checkByHttps(['https://a:8081', 'https://b:8083,https://c:8083'])
  assert.throws(() => checkByHttps(['https://a:8081', 'https://b:8083, http://c:8083']), /http:\/\/c:8083: by https:/)
})
