import { hash } from 'node:crypto'
import type { CommandType } from '@micropay/schemas/log/event'

/**
 * A keyed fingerprint of what was asked, 128 bits in base64url: tells a retry from another request with the same
 * idempotency key, and lets nobody without the key guess what was in it. The command must come from its zod schema,
 * which fixes the order of its fields.
 */
export function requestHashOf(command: Hashed, key: RequestHashKey): string {
  const inner = hash(
    'sha256',
    behindKey(key.inner, `${command.type}\n${JSON.stringify(command.data)}`, 'utf8'),
    'binary',
  )
  return hash('sha256', behindKey(key.outer, inner, 'latin1'), 'base64url').slice(0, 22)
}

/** Used again for each request: a buffer of its own would be garbage at once. */
let hashed = Buffer.alloc(4096)

function behindKey(key: Uint8Array, text: string, encoding: 'utf8' | 'latin1'): Uint8Array {
  // A character of text takes three bytes at most.
  const most = BLOCK_BYTES + 3 * text.length
  if (hashed.byteLength < most) hashed = Buffer.alloc(2 * most)
  hashed.set(key)
  return hashed.subarray(0, BLOCK_BYTES + hashed.write(text, BLOCK_BYTES, encoding))
}

type Hashed = { readonly type: CommandType; readonly data: object }

/**
 * The two padded keys of HMAC-SHA-256 (RFC 2104), made once: with them an HMAC is two plain hashes, at half the cost
 * of Node's own.
 */
export type RequestHashKey = { readonly inner: Uint8Array; readonly outer: Uint8Array }

const BLOCK_BYTES = 64

export function requestHashKey(secret: string): RequestHashKey {
  const bytes = Buffer.from(secret)
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes)
  return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
}
