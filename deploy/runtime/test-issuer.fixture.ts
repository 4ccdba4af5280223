import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export type TestIssuer = Awaited<ReturnType<typeof startTestIssuer>>

/** What is changed of a good token: claims or header parameters of value undefined are left out. */
export type Change = {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly key?: CryptoKey | Uint8Array
}

export const testAlgorithms = ['ES256', 'PS256', 'EdDSA', 'RS256', 'ES384', 'PS512'] as const

/**
 * An issuer of access tokens with one key of each algorithm, whose tests say what it answers: the one place where tests
 * make tokens that the development issuer would not.
 */
export async function startTestIssuer(audience = 'micropay') {
  const keys = new Map<string, CryptoKey>()
  const published: JWK[] = []
  for (const alg of testAlgorithms) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    keys.set(alg, privateKey)
    published.push({ ...(await exportJWK(publicKey)), kid: alg, alg })
  }
  const asked: string[] = []
  const issuer = { url: '', asked, published, keysStatus: 200, hangs: false }
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (issuer.hangs) return
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/some/keys` }))
    } else if (request.url === '/some/keys') {
      response.writeHead(issuer.keysStatus).end(JSON.stringify({ keys: published }))
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** A good token, but for the change. `ago` and `ahead` of a claim are to be counted from `nowSeconds()`. */
  function sign({ claims = {}, header = {}, key }: Change = {}): Promise<string> {
    const alg = String(header.alg ?? 'ES256')
    const signer = key ?? keys.get(alg)
    if (!signer) throw new RangeError(`the test issuer has no key of ${alg}`)
    const good = {
      ...{ iss: issuer.url, aud: audience, sub: 'customer:ada', client_id: 'cli', tenant: 'main' },
      ...{ scope: 'accounts:read payments:make', jti: 'one', iat: nowSeconds(), exp: nowSeconds() + 300 },
    }
    return new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt', ...header })
      .sign(signer)
  }
  return Object.assign(issuer, {
    sign,
    keyOf: (alg: string) => keys.get(alg),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
