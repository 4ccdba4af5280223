/** Banks drop spaces and change the case of what they pass on; '' for no reference. */
export function normal(reference: string | undefined): string {
  return (reference ?? '').replaceAll(/\s/g, '').toUpperCase()
}

/** A reference may be written with spaces: so many words of a text next to each other are read as one. */
const MOST_WORDS = 4
/** What a reference is made of is none of these; a text has its words between them (`EREF+INV-44`, `Ref: 44`). */
const between = /[\s,;:+|"'()[\]=?]+/u
const edges = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu

/**
 * Which of the `known` references, normalised, stand within a text as words of it: `44` stands in "invoice 44." and not
 * in "INV-44".
 */
export function knownWithin(text: string, known: ReadonlySet<string>): string[] {
  const words = text.split(between)
  const found = new Set<string>()
  for (const from of words.keys()) {
    for (let count = 1; count <= MOST_WORDS; count += 1) {
      const reference = normal(
        words
          .slice(from, from + count)
          .join('')
          .replaceAll(edges, ''),
      )
      if (reference !== '' && known.has(reference)) found.add(reference)
    }
  }
  return [...found]
}
