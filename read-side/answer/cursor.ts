import { createHmac, timingSafeEqual } from 'node:crypto'
import { ProblemError } from '@micropay/runtime/problem-error'
import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'

/**
 * Opaque, signed places in a list. A cursor is good for the list that it came from alone: `list` names the route, its
 * filters and who asked. One that was forged, or belongs to another list, is a 400.
 */
export function createCursors(secret: Secret): Cursors {
  const ring = keysOf(secret, (key) => key)
  const signatureOf = (key: string, list: readonly unknown[], place: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([list, place]))
      .digest()
      .subarray(0, SIGNATURE_BYTES)
  return {
    seal(list, keys) {
      const place = Buffer.from(JSON.stringify(keys)).toString('base64url')
      return `${place}.${signatureOf(ring()[0], list, place).toString('base64url')}`
    },
    open(list, cursor) {
      if (cursor === undefined) return undefined
      const [place = '', signature = ''] = cursor.split('.')
      const given = Buffer.from(signature, 'base64url')
      const isOurs = (key: string) => timingSafeEqual(given, signatureOf(key, list, place))
      if (given.length !== SIGNATURE_BYTES || !ring().some(isOurs)) throw foreignCursor()
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
