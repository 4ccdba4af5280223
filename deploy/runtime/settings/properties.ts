import type { Fault, Given, GivenValue, Wanted } from './given.ts'
import { ofEnvironmentAlone, settingNames } from './names.ts'

/**
 * Settings by name, as a file or a server has them: texts, numbers, truth values, and lists of texts, one a line; a
 * list may come as `NAME[0]`, `NAME[1]`, too. What is for another service is left to it.
 */
export function fromProperties(
  properties: Readonly<Record<string, unknown>>,
  { names }: Pick<Wanted, 'names'>,
  from: string,
): Given {
  const values = new Map<string, GivenValue>()
  const faults: Fault[] = []
  for (const [name, property] of Object.entries(gathered(properties))) {
    const problem = unknownBecause(name, names)
    const value = textOf(property)
    if (problem !== undefined) faults.push({ name, from, problem })
    else if (value === null) faults.push({ name, from, problem: 'must be a text, a number, or a list of texts' })
    else if (value?.startsWith('{cipher}')) {
      faults.push({ name, from, problem: 'is still encrypted: the server has to decrypt it' })
    } else if (value && names.has(name)) values.set(name, { value, from })
  }
  return { values, faults }
}

/** `NAME[0]` and those after it as the list that they are. */
function gathered(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  const lists = new Map<string, unknown[]>()
  for (const [key, value] of Object.entries(properties)) {
    const { name, index } = /^(?<name>[A-Z][A-Z0-9_]*)\[(?<index>[0-9]{1,2})\]$/.exec(key)?.groups ?? {}
    if (name === undefined) all[key] = value
    else lists.set(name, Object.assign(lists.get(name) ?? [], { [Number(index)]: value }))
  }
  for (const [name, list] of lists) all[name] ??= list
  return all
}

/** Undefined for none, null for what is no value. */
function textOf(property: unknown): string | undefined | null {
  if (property === null || property === undefined) return undefined
  if (typeof property === 'string') return property
  if (typeof property === 'number' || typeof property === 'boolean') return String(property)
  const isList = Array.isArray(property) && property.every((item) => typeof item === 'string' && item !== '')
  return isList ? property.join('\n') : null
}

function unknownBecause(name: string, names: ReadonlySet<string>): string | undefined {
  if (ofEnvironmentAlone.includes(name)) return 'is read from the environment alone, since it says where the others are'
  if (names.has(name) || settingNames.includes(name)) return undefined
  if (name.startsWith('invalid.')) return 'the server could not decrypt it: see its log'
  const [near] = [...names, ...settingNames].filter((known) => isNear(asSetting(name), known))
  return `no service has a setting of this name${near === undefined ? '' : `: did you mean ${near}?`}`
}

/** `rate-limit.perSecond` and RATE_LIMIT_PER_SECOND are the same words. */
function asSetting(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[.-]/g, '_')
    .toUpperCase()
}

/** At most two letters apart (Levenshtein). */
function isNear(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 2) return false
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return (row.at(-1) ?? 0) <= 2
}
