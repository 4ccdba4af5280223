import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { z } from 'zod'

export type SigningKey = {
  readonly id: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

const StoredKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
})

/**
 * The ES256 key in `<directory>/issuer-key.json`, made with mode 0600 at the first start; two that start at once get
 * the same one.
 */
export async function loadSigningKey(directory: string): Promise<SigningKey> {
  const path = join(directory, 'issuer-key.json')
  const stored = (await readKey(path)) ?? (await makeKey(directory, path))
  const { d: _private, ...publicPart } = stored
  const id = await calculateJwkThumbprint(publicPart)
  const [privateKey, publicKey] = await Promise.all([importJWK(stored, 'ES256'), importJWK(publicPart, 'ES256')])
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) throw new Error(`${path}: not an EC key`)
  return { id, privateKey, publicKey, publicJwk: { ...publicPart, kid: id, alg: 'ES256', use: 'sig' } }
}

async function readKey(path: string): Promise<z.infer<typeof StoredKey> | undefined> {
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

async function makeKey(directory: string, path: string): Promise<z.infer<typeof StoredKey>> {
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
