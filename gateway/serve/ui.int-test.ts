import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { addUi } from './ui.ts'

describe('the UI', () => {
  let gateway: GatewayUnderTest
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gateway-ui-'))
    await mkdir(join(directory, 'assets'))
    await writeFile(join(directory, 'index.html'), '<!doctype html><title>MicroPay</title>')
    await writeFile(join(directory, 'assets', 'main-abc123.js'), 'export {}')
    await writeFile(join(directory, 'assets', 'main-abc123.js.gz'), gzipSync('export {}'))
    gateway = await startGateway({ uiDirectory: directory })
  })
  after(async () => {
    await gateway.close()
    await rm(directory, { recursive: true })
  })
  const page = (path: string, accept = 'text/html,*/*') => fetch(`${gateway.url}${path}`, { headers: { accept } })

  for (const path of ['/', '/accounts/ada:main?page=2']) {
    test(`${path} is the UI, under a strict policy, and asked for again each time`, async () => {
      const answer = await page(path)
      assert.equal(answer.status, 200)
      assert.match(await answer.text(), /<title>MicroPay/)
      assert.equal(answer.headers.get('cache-control'), 'no-cache')
      const policy = answer.headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'self'.*frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /unsafe/)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(answer.headers.get('referrer-policy'), 'same-origin')
      assert.match(answer.headers.get('permissions-policy') ?? '', /camera=\(\)/)
    })
  }

  test('hashed files are kept for a year', async () => {
    const answer = await page('/assets/main-abc123.js', '*/*')
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  })

  test('a file that was compressed when it was built is sent so, and as it is to who takes no gzip', async () => {
    const take = (encoding: string) =>
      fetch(`${gateway.url}/assets/main-abc123.js`, { headers: { 'accept-encoding': encoding } })
    const [compressed, plain] = [await take('br, gzip'), await take('identity')]
    assert.equal(compressed.headers.get('content-encoding'), 'gzip')
    assert.match(compressed.headers.get('content-type') ?? '', /javascript/)
    assert.match(compressed.headers.get('cache-control') ?? '', /immutable/)
    assert.equal(plain.headers.get('content-encoding'), null)
    for (const answer of [compressed, plain]) {
      assert.match(answer.headers.get('vary') ?? '', /accept-encoding/i)
      assert.equal(await answer.text(), 'export {}')
    }
  })

  for (const [path, accept] of [
    ['/assets/gone.js', 'text/html,*/*'],
    ['/v1/nothing', 'text/html'],
    ['/accounts', 'application/json'],
    ['/..%2f..%2fetc/passwd', '*/*'],
  ] as const) {
    test(`${path} for ${accept} is a 404 problem, not the UI`, async () => {
      assert.equal(await problemCode(await page(path, accept)), 'not_found')
    })
  }

  test('a directory without a built UI is an error at the start', async () => {
    await assert.rejects(addUi(Fastify(), join(directory, 'assets')), /build the UI first/)
  })
})
