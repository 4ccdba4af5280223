import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { type ProofRules, proofFault } from './check-proof.ts'
import { systemClock } from './clock.ts'

const NOW_SECONDS = 1_800_000_000
const clock = { ...systemClock, nowMs: () => NOW_SECONDS * 1000 }
const token = 'a.good.token'
const target = '/v1/accounts/ada:main/entries?limit=2'
const origin = 'https://pay.example'
const htu = `${origin}/v1/accounts/ada:main/entries`

const keys = await generateKeyPair('ES256', { extractable: true })
const publicJwk = await exportJWK(keys.publicKey)
const thumbprint = await calculateJwkThumbprint(publicJwk)
const strangers = await generateKeyPair('ES256', { extractable: true })

type Change = {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: CryptoKey | Uint8Array
}

function prove({ claims = {}, header = {}, key = keys.privateKey }: Change = {}): Promise<string> {
  const ath = createHash('sha256').update(token).digest('base64url')
  const said = { jti: 'one', htm: 'GET', htu, iat: NOW_SECONDS, ath }
  return new SignJWT({ ...said, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, ...header })
    .sign(key)
}

/** Remembers nothing. */
const door = { origin, isNew: async () => true }
const fault = (proof: string | undefined, rules: Partial<ProofRules> = { door }) =>
  proofFault({ proof, method: 'GET', target }, token, thumbprint, { clock, ...rules })

const claims = (changed: Record<string, unknown>) => ({ claims: changed })
const header = (changed: Record<string, unknown>) => ({ header: changed })

describe('a proof that the key of a token is held', () => {
  for (const [title, change] of [
    ['as it should be', {}],
    ['whose address has a query and a fragment', claims({ htu: `${htu}?limit=2#top` })],
    ['whose address is encoded more than it must be', claims({ htu: htu.replace('entries', '%65ntries') })],
    ['whose address names the usual port, and the host in capitals', claims({ htu: htu.replace('pay.', 'PAY.') })],
    ['a minute old', claims({ iat: NOW_SECONDS - 60 })],
    ['10 s ahead', claims({ iat: NOW_SECONDS + 10 })],
    ['that says more than it must', claims({ nonce: 'x', exp: NOW_SECONDS + 60 })],
  ] as const) {
    test(`${title} is taken`, async () => assert.equal(await fault(await prove(change)), undefined))
  }

  const refused: readonly (readonly [string, Change | (() => Promise<Change>), RegExp])[] = [
    ['of another type', header({ typ: 'jwt' }), /typ/],
    ['of the type of a token', header({ typ: 'at+jwt' }), /typ/],
    ['of no type', header({ typ: undefined }), /typ/],
    ['without its key', header({ jwk: undefined }), /"jwk"/],
    ['whose key is a text', header({ jwk: 'key' }), /JWK|cannot be read/i],
    ['whose key is not one', header({ jwk: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b' } }), /not accepted/],
    ['with its private key', async () => header({ jwk: await exportJWK(keys.privateKey) }), /not accepted|private key/],
    [
      'signed by a secret that it brings along',
      { ...header({ alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }), key: new TextEncoder().encode('secret') },
      /alg/,
    ],
    ['signed by another key than it says', { key: strangers.privateKey }, /signature/],
    [
      'of another key than the token is bound to',
      async () => ({ ...header({ jwk: await exportJWK(strangers.publicKey) }), key: strangers.privateKey }),
      /another key/,
    ],
    ...['jti', 'htm', 'htu', 'iat', 'ath'].flatMap((name) => [
      [`without ${name}`, claims({ [name]: undefined }), new RegExp(`"${name}"`)] as const,
      [`with ${name} a list`, claims({ [name]: [] }), new RegExp(`"${name}"`)] as const,
    ]),
    ['with an empty jti', claims({ jti: '' }), /"jti"/],
    ['for another method', claims({ htm: 'POST' }), /the request is GET/],
    ['for the method in small letters', claims({ htm: 'get' }), /the request is GET/],
    ['for another path', claims({ htu: `${origin}/v1/accounts/ben:main/entries` }), /"htu" must be/],
    ['for a path below', claims({ htu: `${htu}/x` }), /"htu" must be/],
    ['for the path with its end encoded', claims({ htu: htu.replace('/entries', '%2Fentries') }), /"htu" must be/],
    ['for another host', claims({ htu: htu.replace('pay.', 'play.') }), /"htu" must be/],
    ['for plain HTTP', claims({ htu: htu.replace('https', 'http') }), /"htu" must be/],
    ['for another port', claims({ htu: htu.replace('.example', '.example:8443') }), /"htu" must be/],
    ['for a path alone', claims({ htu: '/v1/accounts/ada:main/entries' }), /"htu" must be/],
    ['for another token', claims({ ath: createHash('sha256').update('other').digest('base64url') }), /another token/],
    ['61 s old', claims({ iat: NOW_SECONDS - 61 }), /older than 60 s/],
    ['11 s ahead', claims({ iat: NOW_SECONDS + 11 }), /future/],
    ['in milliseconds', claims({ iat: NOW_SECONDS * 1000 }), /future|iat/],
    ['that has ended by its own word', claims({ exp: NOW_SECONDS - 20 }), /exp/],
  ]
  for (const [title, change, message] of refused) {
    test(`${title} is refused`, async () => {
      const proof = await prove(typeof change === 'function' ? await change() : change)
      assert.match((await fault(proof)) ?? 'taken', message)
    })
  }

  test('none at all, nonsense, and two that were joined to one are refused', async () => {
    for (const proof of [undefined, '', 'nonsense', `${await prove()}, ${await prove()}`]) {
      assert.match((await fault(proof)) ?? 'taken', /DPoP|not accepted/)
    }
  })

  test('one that was used is refused, by its key and jti', async () => {
    const seen = new Map<string, number>()
    const isNew = async (id: string, untilMs: number) => {
      const known = seen.has(id)
      seen.set(id, untilMs)
      return !known
    }
    const once = { door: { origin, isNew } }
    assert.equal(await fault(await prove(), once), undefined)
    assert.match((await fault(await prove(claims({ iat: NOW_SECONDS - 1 })), once)) ?? 'taken', /used before/)
    assert.equal(await fault(await prove(claims({ jti: 'two' })), once), undefined)
    assert.deepEqual([...seen.values()].slice(1), [(NOW_SECONDS + 60) * 1000])
  })

  test('one that is refused for something else is not used up by that', async () => {
    const asked: string[] = []
    const isNew = async (id: string) => asked.push(id) > 0
    await fault(await prove(claims({ htm: 'POST' })), { door: { origin, isNew } })
    assert.deepEqual(asked, [])
  })

  test('behind the door the path counts, whatever the host, and so does a wait of two minutes', async () => {
    const behind = {}
    const elsewhere = await prove(claims({ htu: htu.replace('pay.', 'inner.'), iat: NOW_SECONDS - 180 }))
    assert.equal(await fault(elsewhere, behind), undefined)
    assert.match((await fault(await prove(claims({ htu: `${htu}/x` })), behind)) ?? 'taken', /"htu" must be/)
    assert.match((await fault(await prove(claims({ iat: NOW_SECONDS - 181 })), behind)) ?? 'taken', /older than 180 s/)
    assert.match((await fault(await prove(claims({ ath: 'x' })), behind)) ?? 'taken', /another token/)
  })

  test('keys of PS256 and Ed25519 prove as well', async () => {
    for (const alg of ['PS256', 'EdDSA', 'Ed25519']) {
      const pair = await generateKeyPair(alg, { extractable: true })
      const jwk: JWK = await exportJWK(pair.publicKey)
      const proof = await prove({ header: { alg, jwk }, key: pair.privateKey })
      const presented = { proof, method: 'GET', target }
      const bound = await calculateJwkThumbprint(jwk)
      assert.equal(await proofFault(presented, token, bound, { clock, door }), undefined, alg)
    }
  })
})
