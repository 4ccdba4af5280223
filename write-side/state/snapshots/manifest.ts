import { createHmac, type Hmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import { z } from 'zod'
import type { Expected } from '../tables.ts'

/**
 * What a snapshot of one partition's state says of itself, in an object of its own that is written last: `fold` is
 * where the state stands, `stateVersion` which code reads it, `content` the object with the state itself.
 */
export type Manifest = Expected & {
  readonly stateVersion: number
  readonly fold: FoldState
  /** An ISO date. */
  readonly takenAt: string
  /** `mac` is the HMAC-SHA-256 of its bytes, in base64url. */
  readonly content: { readonly name: string; readonly bytes: number; readonly mac: string }
}

const StoredManifest = z.object({
  format: z.literal(1),
  ledgerId: z.string(),
  partition: z.int(),
  stateVersion: z.int(),
  fold: z.unknown().transform(readFold),
  takenAt: z.iso.datetime(),
  content: z.object({ name: z.string(), bytes: z.int(), mac: z.string() }),
})

/** The text that is signed, and its HMAC-SHA-256 in base64url. */
const Signed = z.object({ manifest: z.string(), mac: z.string() })

/** More is no manifest. */
export const MOST_MANIFEST_BYTES = 64 * 1024

/**
 * The key of a ledger's snapshots. `secret` is the one that its workers share: who can only write where snapshots lie
 * does not know it, and cannot make a state that anybody believes.
 */
export function snapshotKey(secret: string, ledgerId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, ledgerId, 'micropay snapshots of the state', 32))
}

export function sealManifest(manifest: Manifest, key: Uint8Array): Uint8Array {
  const text = JSON.stringify({ format: 1, ...manifest, fold: storeFold(manifest.fold) })
  const mac = manifestMac(key).update(text).digest('base64url')
  return Buffer.from(JSON.stringify({ manifest: text, mac }))
}

/** What it says, or why nobody may believe it. */
export function openManifest(
  bytes: Uint8Array,
  key: Uint8Array,
  expected: Expected,
): Manifest | { readonly fault: string } {
  const sealed = Signed.safeParse(jsonIn(bytes))
  if (!sealed.success) return { fault: 'it cannot be read' }
  const { manifest: text, mac } = sealed.data
  if (!isSameMac(mac, manifestMac(key).update(text).digest('base64url'))) {
    return { fault: 'no worker of this ledger wrote it, or it was changed' }
  }
  const { success, data } = StoredManifest.safeParse(jsonIn(Buffer.from(text)))
  if (!success) return { fault: 'it is of a form that this code does not read' }
  if (data.ledgerId !== expected.ledgerId) return { fault: `it is of the ledger ${data.ledgerId}` }
  if (data.partition !== expected.partition || data.fold.partition !== expected.partition) {
    return { fault: `it is of partition ${data.partition}` }
  }
  return data
}

function manifestMac(key: Uint8Array): Hmac {
  return createHmac('sha256', key).update('manifest\n')
}

/** Over the bytes of a state as they are stored. */
export function contentMac(key: Uint8Array): Hmac {
  return createHmac('sha256', key).update('content\n')
}

export function isSameMac(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
