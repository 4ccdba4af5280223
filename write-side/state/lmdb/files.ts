import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** As LMDB names it. */
export const DATA_FILE = 'data.mdb'
export const SECRET_FILE = 'digest.key'
export const SECRET_BYTES = 32

/** The secret of the digest; undefined where there is none, or it is cut off. */
export function readDigestKey(path: string): Buffer | undefined {
  try {
    const key = readFileSync(join(path, SECRET_FILE))
    return key.byteLength === SECRET_BYTES ? key : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
