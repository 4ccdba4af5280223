import { readFileSync, statSync } from 'node:fs'

/** No settings are as large. */
export const MOST_BYTES = 1024 * 1024

/** The text of a file of settings, or what keeps it from being read; pipes and devices, which may hang, are not. */
export function readBounded(path: string): { readonly text: string } | { readonly fault: string } {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { fault: 'it is no file' }
    if (stat.size > MOST_BYTES) return { fault: `the file has more than ${MOST_BYTES} bytes` }
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return { fault: `the file cannot be read${code}` }
  }
}
