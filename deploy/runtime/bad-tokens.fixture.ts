import { webcrypto } from 'node:crypto'
import { base64url, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { type Change, nowSeconds, type TestIssuer } from './test-issuer.fixture.ts'

/** Makes an Authorization header that must be refused. */
export type BadToken = readonly [title: string, make: (issuer: TestIssuer) => Promise<string> | string]

const claims = (changed: Record<string, unknown>): Change => ({ claims: changed })
const header = (changed: Record<string, unknown>): Change => ({ header: changed })
const later = (seconds: number) => nowSeconds() + seconds
const thumbprint = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

/** Good tokens, signed by the issuer, but for one thing that the claims or the header say. */
const changes: readonly (readonly [string, () => Change])[] = [
  ...['JWT', 'refresh+jwt', 'id+jwt', 'dpop+jwt', 'at', 'at+jwtx', 'application/jwt', 'text/at+jwt', ''].map(
    (typ) => [`of the type "${typ}"`, () => header({ typ })] as const,
  ),
  ['of no type', () => header({ typ: undefined })],
  ['of a type that is a number', () => header({ typ: 1 })],
  ...['RS256', 'ES384', 'PS512'].map((alg) => [`signed by ${alg}`, () => header({ alg })] as const),
  ['of a key that the issuer has not', () => header({ kid: 'two' })],
  ['of the key of another algorithm', () => header({ kid: 'PS256' })],
  ['of a key id that is a number', () => header({ kid: 7 })],
  ...['iss', 'aud', 'sub', 'client_id', 'tenant', 'scope', 'jti', 'iat', 'exp'].flatMap((name) => [
    [`without ${name}`, () => claims({ [name]: undefined })] as const,
    [`with ${name} null`, () => claims({ [name]: null })] as const,
    [`with ${name} an object`, () => claims({ [name]: { of: 'it' } })] as const,
    [`with ${name} true`, () => claims({ [name]: true })] as const,
  ]),
  ...['iat', 'exp', 'nbf'].flatMap((name) => [
    [`with ${name} a text`, () => claims({ [name]: String(later(0)) })] as const,
    [`with ${name} before 1970`, () => claims({ [name]: -1 })] as const,
    [`with ${name} in milliseconds`, () => claims({ [name]: Date.now() })] as const,
  ]),
  ['that expired an hour ago', () => claims({ iat: later(-7200), exp: later(-3600) })],
  ['that expired a second ago', () => claims({ exp: later(-1) })],
  ['that expires now', () => claims({ exp: later(0) })],
  ['issued a minute ahead', () => claims({ iat: later(60) })],
  ['issued 12 s ahead', () => claims({ iat: later(12) })],
  ['good from a minute ahead', () => claims({ nbf: later(60) })],
  ['good from 12 s ahead', () => claims({ nbf: later(12) })],
  ['for ten years', () => claims({ exp: later(10 * 365 * 86_400) })],
  ['for a day and a minute', () => claims({ exp: later(86_460) })],
  ['issued long ago, for ever', () => claims({ iat: 0 })],
  ['of another issuer', () => claims({ iss: 'https://elsewhere.example' })],
  ['of an issuer of no name', () => claims({ iss: '' })],
  ['for another audience', () => claims({ aud: 'gateway' })],
  ['for several others', () => claims({ aud: ['gateway', 'micropay2'] })],
  ['for nobody', () => claims({ aud: [] })],
  ['for an audience in other letters', () => claims({ aud: 'MicroPay' })],
  ['for an audience among numbers', () => claims({ aud: ['micropay', 1] })],
  ['of a subject of no name', () => claims({ sub: '' })],
  ['of a subject with a space', () => claims({ sub: 'customer ada' })],
  ['of a subject that is long', () => claims({ sub: 'a'.repeat(200) })],
  ['of a client of no name', () => claims({ client_id: '' })],
  ['of a client with a line end', () => claims({ client_id: 'cli\nx' })],
  ['of a client that is long', () => claims({ client_id: 'a'.repeat(65) })],
  ['of a tenant of no name', () => claims({ tenant: '' })],
  ['of a tenant above', () => claims({ tenant: '../main' })],
  ['of several tenants', () => claims({ tenant: ['main', 'other'] })],
  ['of an empty jti', () => claims({ jti: '' })],
  ['of a jti that is a number', () => claims({ jti: 1 })],
  ['with scopes in a list', () => claims({ scope: ['accounts:read'] })],
  ['bound to a key by DPoP', () => claims({ cnf: { jkt: thumbprint } })],
  ['bound to a certificate', () => claims({ cnf: { 'x5t#S256': thumbprint } })],
  ['bound to a key and a certificate', () => claims({ cnf: { jkt: thumbprint, 'x5t#S256': thumbprint } })],
  ['bound in a way that is not known', () => claims({ cnf: { kid: 'one' } })],
  ['bound to nothing', () => claims({ cnf: {} })],
  ['bound by a text', () => claims({ cnf: thumbprint })],
]

const bearer = async (token: Promise<string> | string) => `Bearer ${await token}`
const payload = (issuer: TestIssuer, changed: Record<string, unknown> = {}) => ({
  ...{ iss: issuer.url, aud: 'micropay', sub: 'customer:ada', client_id: 'cli', tenant: 'main', jti: 'one' },
  ...{ scope: 'accounts:read', iat: nowSeconds(), exp: later(300), ...changed },
})
const encoded = (value: unknown) => base64url.encode(typeof value === 'string' ? value : JSON.stringify(value))

/** A good token whose parts are changed after it was signed. */
async function taken(issuer: TestIssuer, change: (parts: [string, string, string]) => string): Promise<string> {
  const [head = '', body = '', signature = ''] = (await issuer.sign()).split('.')
  return bearer(change([head, body, signature]))
}

/** A signed text that need not be the JSON of a token, with a header as no library would make it. */
async function signedText(issuer: TestIssuer, text: string, more: Record<string, unknown> = {}): Promise<string> {
  const input = `${encoded({ alg: 'ES256', kid: 'ES256', typ: 'at+jwt', ...more })}.${encoded(text)}`
  const key = issuer.keyOf('ES256')
  if (!key) throw new RangeError('the test issuer has no key of ES256')
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await webcrypto.subtle.sign(how, key, new TextEncoder().encode(input))
  return bearer(`${input}.${base64url.encode(new Uint8Array(signature))}`)
}

const good = (issuer: TestIssuer) => JSON.stringify(payload(issuer))
const strangers = await generateKeyPair('ES256', { extractable: true })

/** What is no token, or none that the issuer signed. */
const made: readonly BadToken[] = [
  ['signed by a stranger under the name of the key', (issuer) => bearer(issuer.sign({ key: strangers.privateKey }))],
  [
    'signed by a key of its own that it brings along',
    async (issuer) => {
      const jwk = { kty: 'EC', crv: 'P-256', x: thumbprint, y: thumbprint }
      return bearer(issuer.sign({ key: strangers.privateKey, header: { jwk, kid: undefined, alg: 'ES256' } }))
    },
  ],
  [
    'signed by a key that it says where to find',
    (issuer) => bearer(issuer.sign({ key: strangers.privateKey, header: { jku: `${issuer.url}/other/keys` } })),
  ],
  ['signed by nobody', (issuer) => bearer(new UnsecuredJWT(payload(issuer)).encode())],
  [
    'signed by nobody, of the right type',
    (issuer) => bearer(`${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded(payload(issuer))}.`),
  ],
  [
    'signed by nobody, in other letters',
    (issuer) => bearer(`${encoded({ alg: 'nOnE', typ: 'at+jwt' })}.${encoded(payload(issuer))}.`),
  ],
  [
    'signed with the public key as a secret',
    (issuer) => {
      const secret = new TextEncoder().encode(JSON.stringify(issuer.published[0]))
      const head = { alg: 'HS256', kid: 'ES256', typ: 'at+jwt' }
      return bearer(new SignJWT(payload(issuer)).setProtectedHeader(head).sign(secret))
    },
  ],
  ['whose signature is left out', (issuer) => taken(issuer, ([head, body]) => `${head}.${body}.`)],
  ['of two parts', (issuer) => taken(issuer, ([head, body]) => `${head}.${body}`)],
  ['of four parts', (issuer) => taken(issuer, (parts) => `${parts.join('.')}.x`)],
  ['of five parts, as if encrypted', (issuer) => taken(issuer, (parts) => `${parts.join('.')}.x.x`)],
  ['whose signature is of zeros', (issuer) => taken(issuer, ([head, body]) => `${head}.${body}.${'A'.repeat(86)}`)],
  ['whose signature is cut', (issuer) => taken(issuer, ([head, body, sign]) => `${head}.${body}.${sign.slice(0, 60)}`)],
  ['whose signature is in DER', (issuer) => taken(issuer, ([head, body, sign]) => `${head}.${body}.MEUC${sign}`)],
  [
    'whose claims were changed',
    (issuer) =>
      taken(issuer, ([head, , sign]) => `${head}.${encoded(payload(issuer, { sub: 'operator:olga' }))}.${sign}`),
  ],
  [
    'whose header was changed',
    (issuer) => taken(issuer, ([, body, sign]) => `${encoded({ alg: 'ES256', typ: 'at+jwt' })}.${body}.${sign}`),
  ],
  ['whose header is no JSON', (issuer) => taken(issuer, ([, body, sign]) => `${encoded('{')}.${body}.${sign}`)],
  ['whose header is a list', (issuer) => taken(issuer, ([, body, sign]) => `${encoded([])}.${body}.${sign}`)],
  ['whose header is empty', (issuer) => taken(issuer, ([, body, sign]) => `.${body}.${sign}`)],
  ['with an extension that must be understood', (issuer) => signedText(issuer, good(issuer), { crit: ['x'], x: 1 })],
  ['with an empty list of extensions', (issuer) => signedText(issuer, good(issuer), { crit: [] })],
  ['with an extension that is not there', (issuer) => signedText(issuer, good(issuer), { crit: ['exp'] })],
  ['whose payload is not encoded', (issuer) => signedText(issuer, good(issuer), { b64: false, crit: ['b64'] })],
  ['whose claims are a text', (issuer) => signedText(issuer, '"claims"')],
  ['whose claims are a list', (issuer) => signedText(issuer, '[]')],
  ['whose claims are null', (issuer) => signedText(issuer, 'null')],
  ['whose claims are no JSON', (issuer) => signedText(issuer, '{"iss":')],
  ['whose claims are empty', (issuer) => signedText(issuer, '')],
  ['that is a word', () => 'Bearer nonsense'],
  ['that is dots', () => 'Bearer ..'],
  ['that is empty', () => 'Bearer '],
  ['of the scheme alone', () => 'Bearer'],
  ['behind another one', async (issuer) => `Bearer ${await issuer.sign()}, Bearer ${await issuer.sign()}`],
  ['in quotes', async (issuer) => `Bearer "${await issuer.sign()}"`],
  ['in JSON', async (issuer) => `Bearer {"token":"${await issuer.sign()}"}`],
]

/** Each is refused as `invalid_token`, at the gateway and at the services behind it. */
export const badTokens: readonly BadToken[] = [
  ...changes.map(([title, change]): BadToken => [title, (issuer) => bearer(issuer.sign(change()))]),
  ...made,
]
