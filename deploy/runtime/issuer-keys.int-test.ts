import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import { systemClock } from './clock.ts'
import { IssuerUnavailableError } from './issuer-keys.ts'
import { startTestIssuer, type TestIssuer } from './test-issuer.fixture.ts'
import { createTokenVerifier, TokenError } from './verify-token.ts'

const MINUTE_MS = 60_000

/** A verifier forgets no token within its ten minutes, so each one here is another. */
describe('keys of an issuer that comes and goes', { timeout: 60_000 }, () => {
  let issuer: TestIssuer
  let shiftMs = 0
  const clock = { ...systemClock, monotonicMs: () => performance.now() + shiftMs }
  const newToken = async (more: Parameters<TestIssuer['sign']>[0] = {}) =>
    `Bearer ${await issuer.sign({ ...more, claims: { jti: systemClock.randomId() } })}`
  const verifier = () => createTokenVerifier({ issuer: issuer.url, audience: 'micropay', clock })
  beforeEach(async () => {
    shiftMs = 0
    issuer = await startTestIssuer()
  })
  afterEach(() => issuer.close())

  /** Each answer means two questions: for the metadata, and for the keys. */
  const asked = (path: string) => issuer.asked.filter((url) => url === path).length
  const until = async (holds: () => boolean) => {
    while (!holds()) await systemClock.sleep(5)
  }

  test('without any key the issuer is asked at each call, and is to blame', async () => {
    const verify = verifier()
    issuer.keysStatus = 500
    await assert.rejects(verify(await newToken()), IssuerUnavailableError)
    issuer.keysStatus = 200
    assert.equal((await verify(await newToken())).client, 'cli')
  })

  test('a token of a known key does not wait for an issuer that hangs', async () => {
    const verify = verifier()
    await verify(await newToken())
    issuer.hangs = true
    for (const afterMs of [11 * MINUTE_MS, 60 * MINUTE_MS, 23 * 60 * MINUTE_MS]) {
      shiftMs = afterMs
      const fresh = verify(await newToken())
      // It would take 5 s to give the issuer up.
      const first = await Promise.race([fresh, systemClock.sleep(4_000)])
      assert.notEqual(first, true, `after ${afterMs} ms`)
    }
    assert.ok(asked('/.well-known/openid-configuration') > 1, 'it was asked beside')
  })

  test('keys that nobody confirmed for a day are not used any more, and are again once it answers', async () => {
    const verify = verifier()
    await verify(await newToken())
    issuer.keysStatus = 500
    shiftMs = 24 * 60 * MINUTE_MS + MINUTE_MS
    await assert.rejects(verify(await newToken()), IssuerUnavailableError)
    await assert.rejects(verify(await newToken()), /did not answer for a day/)
    issuer.keysStatus = 200
    shiftMs += MINUTE_MS
    assert.equal((await verify(await newToken())).client, 'cli')
  })

  test('an issuer that is back is heard, and a key that it has withdrawn is not taken', async () => {
    const verify = verifier()
    await verify(await newToken())
    issuer.published.splice(0, 1)
    shiftMs = 11 * MINUTE_MS
    await verify(await newToken())
    await until(() => asked('/some/keys') === 2)
    shiftMs += MINUTE_MS
    await until(() => asked('/some/keys') === 2)
    await assert.rejects(verify(await newToken()), TokenError)
  })

  test('a new key is asked for at once; names of keys that there are not ask every half minute', async () => {
    const verify = verifier()
    await verify(await newToken())
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    issuer.published.push({ ...(await exportJWK(publicKey)), kid: 'new', alg: 'ES256' })
    shiftMs = MINUTE_MS
    const fresh = await newToken({ header: { kid: 'new' }, key: privateKey })
    assert.equal((await verify(fresh)).client, 'cli')
    const before = asked('/some/keys')
    for (let times = 0; times < 20; times += 1) {
      const made = await newToken({ header: { kid: `made up ${times}` } })
      await assert.rejects(verify(made), TokenError)
    }
    assert.equal(asked('/some/keys'), before)
  })

  test('a key that is new right after the others were first read is asked for, too', async () => {
    const verify = verifier()
    await verify(await newToken())
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    issuer.published.push({ ...(await exportJWK(publicKey)), kid: 'new', alg: 'ES256' })
    const fresh = await newToken({ header: { kid: 'new' }, key: privateKey })
    assert.equal((await verify(fresh)).client, 'cli')
    await assert.rejects(verify(await newToken({ header: { kid: 'made up' } })), TokenError)
    assert.equal(asked('/some/keys'), 2, 'and then not at once again')
  })

  test('while the issuer is away, a key that is not known is not the fault of who sends it', async () => {
    const verify = verifier()
    await verify(await newToken())
    issuer.keysStatus = 500
    shiftMs = MINUTE_MS
    await assert.rejects(verify(await newToken({ header: { kid: 'new' } })), IssuerUnavailableError)
    const before = issuer.asked.length
    await assert.rejects(verify(await newToken({ header: { kid: 'newer' } })), IssuerUnavailableError)
    assert.equal(issuer.asked.length, before)
    assert.equal((await verify(await newToken())).client, 'cli')
  })
})
