import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose'
import { z } from 'zod'

/** What signs now, and what is believed: it, and the one before. */
export type SigningKey = {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly publicJwks: readonly JWK[]
  readonly find: JWTVerifyGetKey
  /** From now on another one signs. What this one signed is believed until there is another one after that. */
  renew(): Promise<void>
}

const StoredKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
})
type StoredKey = z.infer<typeof StoredKey>

/**
 * The ES256 key in `<directory>/issuer-key.json`, made with mode 0600 at the first start; two that start at once get
 * the same one. The one before a renewal is kept beside it.
 */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  const [path, pathBefore] = [join(directory, 'issuer-key.json'), join(directory, 'issuer-key-before.json')]
  const first = (await readKey(path)) ?? (await makeKey(directory, path))
  let known = await keysOf(first, await readKey(pathBefore))
  return {
    get id() {
      return known.id
    },
    get privateKey() {
      return known.privateKey
    },
    get publicJwks() {
      return known.jwks
    },
    find: (header, token) => known.find(header, token),
    async renew() {
      await rename(path, pathBefore)
      known = await keysOf(await makeKey(directory, path), await readKey(pathBefore))
    },
  }
}

async function keysOf(stored: StoredKey, before: StoredKey | undefined) {
  const privateKey = await importJWK(stored, 'ES256')
  if (privateKey instanceof Uint8Array) throw new Error('the stored key is no EC key')
  const jwks = await Promise.all([stored, ...(before ? [before] : [])].map(publicPartOf))
  return { id: String(jwks[0]?.kid), privateKey, jwks, find: createLocalJWKSet({ keys: jwks }) }
}

async function publicPartOf({ d: _private, ...publicPart }: StoredKey): Promise<JWK> {
  return { ...publicPart, kid: await calculateJwkThumbprint(publicPart), alg: 'ES256', use: 'sig' }
}

async function readKey(path: string): Promise<StoredKey | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return StoredKey.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${path} is damaged: delete it, and a new key is made; everyone signs in again`, { cause })
  }
}

async function makeKey(directory: string, path: string): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const made = StoredKey.parse(await exportJWK(privateKey))
  await mkdir(directory, { recursive: true })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, JSON.stringify(made), { mode: 0o600 })
  try {
    await link(draft, path)
    return made
  } catch (error) {
    const other = await readKey(path)
    if (other) return other
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}
