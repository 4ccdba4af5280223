import { z } from 'zod'

/** The keys of one purpose as they are now: the first one makes what is new, and what any of them made is taken. */
export type KeyRing = () => readonly string[]

/** One key for as long as the process runs, or a ring that may change meanwhile. */
export type Secret = string | KeyRing

const MOST_KEYS = 8

/** A setting of one key or several, one a line, each of `atLeast` characters. `error` says what it should be. */
export const keyRing = ({ atLeast, error }: { readonly atLeast: number; readonly error: string }) =>
  z
    .string({ error })
    .transform(linesOf)
    .refine((keys) => keys.length > 0 && keys.every((key) => key.length >= atLeast), { error })
    .refine((keys) => keys.length <= MOST_KEYS, { error: `at most ${MOST_KEYS} keys, one a line` })
    .refine((keys) => new Set(keys).size === keys.length, { error: 'each key once: two of its lines are the same' })

/** A variable of one line with its end was one key, its end included, before there were rings: it still is. */
function linesOf(text: string): readonly string[] {
  if (/^[^\n]+\n$/.test(text)) return [text]
  return text.split(/\r?\n/).filter((line) => line !== '')
}

export type Keys<Key> = readonly [first: Key, ...others: Key[]]

/** What is made of each key of a ring, made anew only when the ring has changed. */
export function keysOf<Key>(secret: Secret, make: (secret: string) => Key): () => Keys<Key> {
  const ring = typeof secret === 'string' ? oneKey(secret) : secret
  let made: { readonly of: readonly string[]; readonly keys: Keys<Key> } | undefined
  return () => {
    const now = ring()
    if (made?.of !== now) made = { of: now, keys: allOf(now, make) }
    return made.keys
  }
}

function oneKey(secret: string): KeyRing {
  const keys = [secret]
  return () => keys
}

function allOf<Key>([first, ...others]: readonly string[], make: (secret: string) => Key): Keys<Key> {
  if (first === undefined) throw new Error('a ring of keys has at least one')
  return [make(first), ...others.map(make)]
}
