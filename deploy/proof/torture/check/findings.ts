export type Finding = { readonly kind: string; readonly count: number; readonly examples: readonly string[] }

/** What is wrong, by kind, with the first few examples of each. */
export type Findings = {
  add(kind: FindingKind, example: string): void
  list(): readonly Finding[]
}

export type FindingKind =
  | 'lost'
  | 'doubled'
  | 'positions given twice'
  | 'answers that differ from the log'
  | 'refused as not appended, and in the log'
  | 'nobody asked for it'
  | 'wrong reads'
  | 'limits passed'
  | 'assertions passed'
  | 'given back too much'
  | 'frozen accounts moved'
  | 'closed days moved'
  | 'decided by one person'
  | 'money from nowhere'
  | 'refusals without a reason'
  | 'times that are wrong'
  | 'records that do not follow'
  | 'payments that did not end'
  | 'steps that do not follow'
  | 'payments in part'
  | 'money on its way'
  | 'promises left behind'

const kept = 5

export function createFindings(): Findings {
  const found = new Map<FindingKind, { count: number; examples: string[] }>()
  return {
    add: (kind, example) => {
      const entry = found.get(kind) ?? { count: 0, examples: [] }
      entry.count += 1
      if (entry.examples.length < kept) entry.examples.push(example)
      found.set(kind, entry)
    },
    list: () => Array.from(found, ([kind, { count, examples }]) => ({ kind, count, examples })),
  }
}
