import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { createTokenVerifier, TokenError } from '@micropay/runtime/verify-token'
import { decodeProtectedHeader } from 'jose'
import { startDevelopmentIssuer } from './issuer.ts'
import { loadSigningKey } from './issuer-key.ts'
import { createIssuerTokens } from './issuer-tokens.ts'
import { personas } from './personas.ts'

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'issuer-renewal-'))
})
after(() => rm(directory, { recursive: true }))

const start = (secret: string | (() => readonly string[]), port = 0) =>
  startDevelopmentIssuer({
    ...{ directory, port, client: { id: 'gateway', secret, redirectUris: [] }, audience: 'micropay' },
    ...{ clock: systemClock, log: createLogger('test', 'silent') },
  })

test('a renewed key signs at once, and what the one before signed is believed until the next renewal', async () => {
  let secrets = ['first']
  const issuer = await start(() => secrets)
  const token = async (id = 'ada', secret = 'development') => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
    const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body })
    const told: { access_token?: string; error?: string } = JSON.parse(await answer.text())
    return told.access_token ?? String(told.error)
  }
  const rules = { issuer: issuer.url, audience: 'micropay', clock: systemClock }
  const [early, late] = [createTokenVerifier(rules), createTokenVerifier(rules)]
  const first = await token()
  await early(`Bearer ${first}`)
  await issuer.renewKey()
  const second = await token()
  assert.notEqual(decodeProtectedHeader(second).kid, decodeProtectedHeader(first).kid)
  assert.equal((await stat(join(directory, 'issuer-key-before.json'))).mode & 0o777, 0o600)
  for (const verify of [early, late]) for (const each of [first, second]) await verify(`Bearer ${each}`)

  await issuer.renewKey()
  await assert.rejects(createTokenVerifier(rules)(`Bearer ${first}`), TokenError)
  await createTokenVerifier(rules)(`Bearer ${second}`)

  assert.equal(await token('gateway', 'second'), 'invalid_client')
  secrets = ['second', 'first']
  for (const secret of secrets) assert.equal(await token('gateway', secret), 'unauthorized_client', 'it is known')
  secrets = ['second']
  assert.equal(await token('gateway', 'first'), 'invalid_client')
  await issuer.close()
})

test('whoever is signed in stays so over a renewal of the key and a restart after it', async () => {
  const [persona] = personas
  const options = { issuer: () => 'http://issuer', audience: 'micropay', clock: systemClock }
  const key = await loadSigningKey(directory)
  const grant = { persona, clientId: 'gateway', scopes: ['openid'] }
  const { refresh_token: refresh = '' } = await createIssuerTokens({ ...options, key }).issue(grant, 'person')
  await key.renew()
  assert.ok(await createIssuerTokens({ ...options, key }).read(refresh, 'gateway'))
  const again = await loadSigningKey(directory)
  assert.ok(await createIssuerTokens({ ...options, key: again }).read(refresh, 'gateway'))
  await again.renew()
  assert.equal(await createIssuerTokens({ ...options, key: again }).read(refresh, 'gateway'), undefined)
})
