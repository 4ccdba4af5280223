import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { keyRing } from './key-ring.ts'
import { openSettings } from './open-settings.ts'

const schema = z.object({
  PUBLIC_URL: z.url(),
  OIDC_ISSUER: z.url(),
  OIDC_CLIENT_SECRET: z.string(),
  TLS_CERT_FILE: z.string().optional(),
  TRUSTED_PROXIES: z.string().optional(),
  SESSION_SECRET: keyRing({ atLeast: 8, error: 'must have 8 characters or more' }),
})
const good = {
  PUBLIC_URL: 'https://pay.bank.example',
  OIDC_ISSUER: 'https://login.bank.example',
  OIDC_CLIENT_SECRET: '3f1c8b5d9e20a7464be1d7c2f59a0386',
  SESSION_SECRET: '9b0d6e1f5a2c48377c61fe2d0b94a58e',
}
const certificate = { TLS_CERT_FILE: '/etc/micropay/tls.crt', TRUSTED_PROXIES: '127.0.0.1' }
const production = { MICROPAY_MODE: 'production', ...certificate }
const open = (env: NodeJS.ProcessEnv, service = 'gateway') => openSettings(service, schema, { env })

async function refused(env: NodeJS.ProcessEnv, service = 'gateway'): Promise<readonly string[]> {
  const error = await open(env, service).then(
    () => assert.fail('it started'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof Error)
  return error.message.split('\n').slice(1)
}

test('production takes what is good for it, and development what is only good for that', async () => {
  assert.equal((await open({ ...good, ...production })).values.MICROPAY_MODE, 'production')
  const local = { PUBLIC_URL: 'http://127.0.0.1:8080', OIDC_ISSUER: 'http://127.0.0.1:8090' }
  const weak = { ...local, OIDC_CLIENT_SECRET: 'development', SESSION_SECRET: 'aaaaaaaa' }
  assert.equal((await open(weak)).values.MICROPAY_MODE, 'development')
})

test('production refuses all that is only good for development at once', async () => {
  const env = {
    ...production,
    PUBLIC_URL: 'http://pay.bank.example',
    OIDC_ISSUER: 'http://issuer.localhost:8090',
    OIDC_CLIENT_SECRET: 'development',
    SESSION_SECRET: `${'ab'.repeat(20)}\nshorter than it should be`,
  }
  const make = 'make one, such as by openssl rand -hex 32'
  assert.deepEqual(await refused(env), [
    '  PUBLIC_URL (the environment): in production it must be an https: address: sessions travel in its cookies',
    '  OIDC_ISSUER (the environment): in production it must be no issuer of this machine, as the development issuer is',
    '  OIDC_ISSUER (the environment): in production it must be an https: address: tokens are believed by the keys ' +
      'that come from there',
    '  OIDC_CLIENT_SECRET (the environment): in production it must not be a default, nor one of the documentation: ' +
      make,
    `  SESSION_SECRET (the environment): in production it must be random: ${make}`,
    `  SESSION_SECRET (the environment): in production it must have 32 characters or more: ${make}`,
  ])
})

test('an issuer by http is refused behind a https address, and so is one secret for two purposes', async () => {
  const [issuer] = await refused({ ...good, ...production, OIDC_ISSUER: 'http://login.bank.example' })
  assert.match(issuer ?? '', /OIDC_ISSUER .* it must be an https: address/)
  const [same] = await refused({ ...good, ...production, SESSION_SECRET: good.OIDC_CLIENT_SECRET })
  assert.match(same ?? '', /SESSION_SECRET .* is the same as OIDC_CLIENT_SECRET/)
})

test('secrets of a configuration server come by https in production, or from this machine', async () => {
  const env = { ...good, ...production, CONFIG_REFRESH_SECONDS: '0' }
  const [far] = (await refused({ ...env, CONFIG_URL: 'http://192.0.2.1:1' })).slice(-1)
  assert.match(far ?? '', /CONFIG_URL .* it must be an https: address/)
  const near = await refused({ ...env, CONFIG_URL: 'http://127.0.0.1:1' })
  assert.equal(near.length, 1)
  assert.match(near[0] ?? '', /CONFIG_URL .*: no answer/)
})

test('the development issuer never runs in production', async () => {
  assert.match(String(await refused({ ...good, ...production }, 'issuer')), /MICROPAY_MODE .* signs anyone in/)
})

test('another mode is none', async () => {
  assert.deepEqual(await refused({ ...good, MICROPAY_MODE: 'prod' }), [
    '  MICROPAY_MODE (the environment): must be development or production',
  ])
})
