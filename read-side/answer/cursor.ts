import { createHmac, timingSafeEqual } from 'node:crypto'
import { ProblemError } from '@micropay/runtime/http'

/**
 * Opaque, signed places in a list. A cursor is good for the list that it came from alone: `list` names the route, its
 * filters and who asked. One that was forged, or belongs to another list, is a 400.
 */
export function createCursors(secret: string): Cursors {
  const signatureOf = (list: readonly unknown[], place: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([list, place]))
      .digest()
      .subarray(0, SIGNATURE_BYTES)
  return {
    seal(list, keys) {
      const place = Buffer.from(JSON.stringify(keys)).toString('base64url')
      return `${place}.${signatureOf(list, place).toString('base64url')}`
    },
    open(list, cursor) {
      if (cursor === undefined) return undefined
      const [place = '', signature = ''] = cursor.split('.')
      const given = Buffer.from(signature, 'base64url')
      if (given.length !== SIGNATURE_BYTES || !timingSafeEqual(given, signatureOf(list, place))) throw foreignCursor()
      const keys: unknown = JSON.parse(Buffer.from(place, 'base64url').toString('utf8'))
      return Array.isArray(keys) ? keys.map(String) : undefined
    },
  }
}

export type Cursors = {
  seal(list: readonly unknown[], keys: readonly (string | number)[]): string
  /** The keys that were sealed; undefined without a cursor. Throws ProblemError `invalid_request`. */
  open(list: readonly unknown[], cursor: string | undefined): string[] | undefined
}

const SIGNATURE_BYTES = 16

function foreignCursor(): ProblemError {
  return new ProblemError('invalid_request', 'the cursor is not one of this list: start again without cursor')
}
