import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'
import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'
import { carry } from '@micropay/runtime/telemetry/tracing'
import { ParkedSays } from '@micropay/schemas/api/parked'
import { Message } from '@micropay/schemas/log/message'

/**
 * Messages between the partitions of one ledger as bytes: 43 characters of a keyed hash (HMAC-SHA-256, base64url), a
 * full stop, and the JSON that it is over, which names the ledger.
 */
export type MessageCodec = {
  encode(message: Message, traceparent?: string): Uint8Array
  /** What it says, or why nobody may believe it; it carries the trace that it was said in (telemetry/tracing.ts). */
  decode(bytes: Uint8Array): Message | { readonly fault: string }
  /** For people who look at what cannot be handled: whether a worker of this ledger wrote it, and what it says. */
  claimOf(bytes: Uint8Array): Claimed
}

export type Claimed = { readonly fromLedger: boolean; readonly says: ParkedSays | undefined }

const MAC_CHARACTERS = 43
/** Anybody may have written so much more that is not worth reading. */
const MOST_CLAIMED_BYTES = 256 * 1024

/**
 * `secret` is the one that all workers of a ledger share; the key of messages is made of it. Of several the first one
 * writes, and what any of them wrote is read.
 */
export function createMessageCodec(secret: Secret, ledgerId: string): MessageCodec {
  // Made once: of bytes it would be made anew for each message.
  const keys = keysOf(secret, (one) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', one, ledgerId, 'micropay messages between partitions', 32))),
  )
  const macOf = (key: KeyObject, json: string) => createHmac('sha256', key).update(json).digest('base64url')
  function opened(bytes: Uint8Array): { readonly json: string; readonly isOurs: boolean } {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    const json = text.slice(MAC_CHARACTERS + 1)
    const said = Buffer.from(text.slice(0, MAC_CHARACTERS))
    const isSame = keys().some((key) => {
      const own = Buffer.from(macOf(key, json))
      return said.length === own.length && timingSafeEqual(said, own)
    })
    return { json, isOurs: isSame && text[MAC_CHARACTERS] === '.' }
  }
  return {
    encode(message, traceparent) {
      // Whoever knows no traces passes over it.
      const json = JSON.stringify({ ledgerId, ...message, traceparent })
      return Buffer.from(`${macOf(keys()[0], json)}.${json}`)
    },
    decode(bytes) {
      const { json, isOurs } = opened(bytes)
      if (!isOurs) return { fault: 'no worker of this ledger wrote it, or it was changed on its way' }
      return parsed(json, ledgerId)
    },
    claimOf(bytes) {
      const { json, isOurs: fromLedger } = opened(bytes)
      if (json.length > MOST_CLAIMED_BYTES) return { fromLedger, says: undefined }
      try {
        return { fromLedger, says: ParkedSays.safeParse(JSON.parse(json)).data }
      } catch {
        return { fromLedger, says: undefined }
      }
    },
  }
}

function parsed(json: string, ledgerId: string): Message | { readonly fault: string } {
  const { ledgerId: named, traceparent, ...said } = JSON.parse(json)
  if (named !== ledgerId) return { fault: `it is of the ledger ${named}` }
  const message = Message.safeParse(said)
  if (message.data && typeof traceparent === 'string') carry(message.data, traceparent)
  return message.data ?? { fault: `it is none that this worker knows: ${message.error?.issues[0]?.message}` }
}
