import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkByHttps, ProjectionUrls, projectionUrls } from './projection-urls.ts'

test('each projection service has a name and an address; one alone is that of the accounts', () => {
  const urls = ProjectionUrls.parse('accounts=http://a:8082, audit=https://b/prefix,reconciliation=dns+http://c:1')
  assert.deepEqual(
    [...urls],
    [
      ['accounts', 'http://a:8082'],
      ['audit', 'https://b/prefix'],
      ['reconciliation', 'dns+http://c:1'],
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

test('a gateway that has a certificate is told of the first address that is not https', () => {
  checkByHttps(['https://a:8081', 'https://b:8083,https://c:8083'])
  assert.throws(() => checkByHttps(['https://a:8081', 'https://b:8083, http://c:8083']), /http:\/\/c:8083: by https:/)
  assert.throws(() => checkByHttps(['dns+https://a:8081', 'dns+http://b:8083']), /dns\+http:\/\/b:8083: by https:/)
})
