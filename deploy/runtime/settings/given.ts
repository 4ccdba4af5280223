/** What a source says of settings, before anybody looked at whether it is right. */
export type Given = {
  readonly values: ReadonlyMap<string, GivenValue>
  readonly faults: readonly Fault[]
}

/** `from` is for people: `the environment`, `CONFIG_FILE /etc/micropay.json`. */
export type GivenValue = { readonly value: string; readonly from: string }

/** What is wrong with one setting; `problem` never holds its value. */
export type Fault = { readonly name: string; readonly from: string; readonly problem: string }

/** The settings of one service: `names` are those that its schema has. */
export type Wanted = { readonly service: string; readonly names: ReadonlySet<string> }

/** Of several sources the first one that has a value counts; the faults of all do. */
export function inOrder(sources: readonly Given[]): Given {
  const values = new Map<string, GivenValue>()
  for (const source of sources)
    for (const [name, given] of source.values) if (!values.has(name)) values.set(name, given)
  return { values, faults: sources.flatMap(({ faults }) => faults) }
}
