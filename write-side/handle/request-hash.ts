import { createHmac } from 'node:crypto'
import type { LedgerCommand } from '../decide/ledger.ts'

/**
 * A keyed fingerprint of what was asked, 128 bits in base64url: tells a retry from another request with the same idempotency key, and
 * lets nobody without the key guess what was in it. The command must come from its zod schema, which fixes the order of its fields.
 */
export function requestHashOf(command: LedgerCommand, key: string): string {
  return createHmac('sha256', key)
    .update(`${command.type}\n${JSON.stringify(command.data)}`)
    .digest('base64url')
    .slice(0, 22)
}
