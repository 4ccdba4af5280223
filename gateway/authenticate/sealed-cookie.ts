import { hkdfSync } from 'node:crypto'
import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'
import { EncryptJWT, jwtDecrypt } from 'jose'
import type { z } from 'zod'

/** Browsers keep 4,096 bytes a cookie, name and attributes included. */
export const PIECE_CHARACTERS = 3800
const MOST_PIECES = 4

/**
 * Seals plain data into text that only a holder of the secret can read or make (JWE, dir, A256GCM, the key by
 * HKDF-SHA-256 for this purpose alone), and opens it again until it expires; anything else opens as undefined. Of
 * several secrets the first one seals, and all open.
 */
export function createSeal<Schema extends z.ZodType<Record<string, unknown>>>(options: {
  readonly secret: Secret
  readonly purpose: string
  readonly schema: Schema
  readonly nowMs: () => number
}) {
  const keys = keysOf(
    options.secret,
    (secret) => new Uint8Array(hkdfSync('sha256', secret, '', `micropay ${options.purpose}`, 32)),
  )
  async function openWith(key: Uint8Array, sealed: string): Promise<z.infer<Schema> | undefined> {
    try {
      const { payload } = await jwtDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
        currentDate: new Date(options.nowMs()),
      })
      return options.schema.safeParse(payload.data).data
    } catch {
      return undefined
    }
  }
  return {
    /** Another one when the secrets have changed: what was opened before may not open any more. */
    keys: (): object => keys(),
    seal: (data: z.infer<Schema>, expiresAtMs: number): Promise<string> =>
      new EncryptJWT({ data })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(Math.floor(expiresAtMs / 1000))
        .encrypt(keys()[0]),
    open: async (sealed: string): Promise<z.infer<Schema> | undefined> => {
      for (const key of keys()) {
        const opened = await openWith(key, sealed)
        if (opened) return opened
      }
      return undefined
    },
  }
}

type Cookies = Readonly<Record<string, string | undefined>>

/** The text of a cookie that may have been cut: `name`, or `name.0`, `name.1` and so on. */
export function joinPieces(cookies: Cookies, name: string): string | undefined {
  const whole = cookies[name]
  if (whole !== undefined) return whole
  let text = ''
  for (let index = 0; index < MOST_PIECES; index += 1) {
    const piece = cookies[`${name}.${index}`]
    if (piece === undefined) break
    text += piece
  }
  return text === '' ? undefined : text
}

/**
 * The cookies to set so that `joinPieces` reads `text`; an empty value means to delete a piece that the browser still
 * holds. Throws when the text is too large for a browser to keep.
 */
export function cutIntoPieces(text: string, name: string, held: Cookies): readonly { name: string; value: string }[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) pieces.push(text.slice(at, at + PIECE_CHARACTERS))
  if (pieces.length > MOST_PIECES) throw new Error(`the issuer's tokens need ${text.length} characters of cookie`)
  const set = pieces.map((value, index) => ({ name: pieces.length === 1 ? name : `${name}.${index}`, value }))
  const known = [name, ...Array.from({ length: MOST_PIECES }, (_, index) => `${name}.${index}`)]
  const stale = known.filter((one) => held[one] !== undefined && !set.some((cookie) => cookie.name === one))
  return [...set, ...stale.map((one) => ({ name: one, value: '' }))]
}
