import { z } from 'zod'

/** Text that every store, statement and CSV file can carry: no control characters, and no halves of a character. */
export function plainText(max: number) {
  return z.string().max(max).regex(plain, { error: notPlain })
}

/** The same for what people call things: trimmed, and never empty. */
export function label(max: number) {
  return z.string().trim().min(1).max(max).regex(plain, { error: notPlain })
}

const plain = /^[^\p{Cc}\p{Cs}]*$/u
const notPlain = 'must not hold control characters or broken Unicode'
