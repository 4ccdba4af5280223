/** What docs/errors.md promises of a code: that nothing was appended, that it is a fact of the ledger, or neither. */
export type Promised = 'nothing appended' | 'refused by the ledger' | 'may have counted'

/** Reads the tables of docs/errors.md: the heading above each says what its codes promise. */
export function codesIn(markdown: string): ReadonlyMap<string, Promised> {
  const codes = new Map<string, Promised>()
  let promised: Promised = 'may have counted'
  for (const line of markdown.split('\n')) {
    if (line.startsWith('#')) promised = promisedBy(line.toLowerCase())
    const code = /^\| `([a-z_]+)` \|/.exec(line)?.[1]
    if (code !== undefined) codes.set(code, promised)
  }
  if (codes.size < 10) throw new Error('docs/errors.md has no tables of codes that can be read')
  return codes
}

function promisedBy(heading: string): Promised {
  if (heading.includes('nothing was appended')) return 'nothing appended'
  return heading.includes('refused') ? 'refused by the ledger' : 'may have counted'
}
