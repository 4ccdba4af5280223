import { z } from 'zod'

/**
 * Characters that hide in a text or change the order in which it is shown: what is read on a payment would be another
 * thing than what was written (UAX 9, UTS 39). The joiners U+200C and U+200D are none, since scripts need them.
 */
const hiding = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u
const allHiding = new RegExp(hiding, 'gu')
const broken = /[\p{Cc}\p{Cs}]/u
const plain = /^[^\p{Cc}\p{Cs}]*$/u
const seen = /[^\s\p{Default_Ignorable_Code_Point}]/u

/**
 * Text that comes in, which every store, statement and CSV file can carry: no control characters, no halves of a
 * character, and nothing that hides or reorders.
 */
export function plainText(max: number) {
  return z.string().max(max).refine(hidesNothing, { error: notShown }).regex(plain, { error: notPlain })
}

/** The same for what people call things: trimmed, and never empty or without anything to see. */
export function label(max: number) {
  return z
    .string()
    .refine(hidesNothing, { error: notShown })
    .trim()
    .min(1)
    .max(max)
    .regex(plain, { error: notPlain })
    .refine(isSeen, { error: 'must hold something that can be seen' })
}

/** Text that is searched for: the ledger may hold what hides, written before it was refused. */
export function soughtText(max: number) {
  return z.string().max(max).regex(plain, { error: notPlain })
}

/** The same, trimmed and never empty. */
export function soughtLabel(max: number) {
  return z.string().trim().min(1).max(max).regex(plain, { error: notPlain })
}

/** For a text whose writer cannot be asked: without what hides; where a line ended stands a space. */
export function withoutHiding(text: string): string {
  return text.replace(allHiding, (character) => (/\s/.test(character) ? ' ' : ''))
}

export function hidesNothing(text: string): boolean {
  return !hiding.test(text)
}

function isSeen(text: string): boolean {
  return text === '' || seen.test(text)
}

type Refused = { readonly input?: unknown }

/** Says which character hides or reorders, and where. */
export function notShown({ input }: Refused): string {
  return `must not hold characters that hide or reorder text: ${where(input, hiding)}`
}

function notPlain({ input }: Refused): string {
  return `must not hold control characters or broken Unicode: ${where(input, broken)}`
}

function where(input: unknown, refused: RegExp): string {
  const characters = typeof input === 'string' ? Array.from(input) : []
  const index = characters.findIndex((character) => refused.test(character))
  const code = characters[index]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
  return `U+${code} is character ${index + 1}`
}
