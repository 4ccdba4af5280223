/**
 * One planted bug: in `file`, `find` (which stands there once) becomes `replace`, and then one of `tests` must fail.
 * All paths are from the repository's root; `path > words` runs those tests of a file alone whose names match, and
 * `path --flag value` is a program with its arguments, such as the simulator with its seeds.
 */
export type Mutation = {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  readonly tests: readonly [string, ...string[]]
}

/** What Node is given to run a test of a mutation, and the file that it is in. */
export function argumentsOf(test: string): { readonly path: string; readonly args: readonly string[] } {
  const [file = '', words] = test.split(' > ')
  const [path = '', ...flags] = file.split(' ')
  return { path, args: [...(words === undefined ? [] : [`--test-name-pattern=${words}`]), path, ...flags] }
}

/** The source with the bug in it; undefined where what it replaces does not stand there exactly once. */
export function mutated(source: string, { find, replace }: Mutation): string | undefined {
  const at = source.indexOf(find)
  if (at < 0 || source.includes(find, at + 1)) return undefined
  return source.slice(0, at) + replace + source.slice(at + find.length)
}

/**
 * So many of them, drawn by a seed, so that another day tries others and the same seed tries the same again:
 * mulberry32 over FNV-1a of the seed.
 */
export function sampleOf<Item>(items: readonly Item[], count: number, seed: string): Item[] {
  const random = randomFrom(seed)
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [drawn] = left.splice(Math.floor(random() * left.length), 1)
    return drawn as Item
  })
}

function randomFrom(seed: string): () => number {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
