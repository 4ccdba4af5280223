import type { Fault, Given, GivenValue, Wanted } from './given.ts'
import { readBounded } from './read-bounded.ts'

/**
 * Settings of the environment: `NAME`, or `NAME_FILE`, which names a file that holds the value, as platforms hand over
 * secrets. An empty variable is none. Line ends at the end of a file are not of the value.
 */
export function fromEnvironment({ names }: Pick<Wanted, 'names'>, env: NodeJS.ProcessEnv): Given {
  const values = new Map<string, GivenValue>()
  const faults: Fault[] = []
  for (const name of names) {
    const value = env[name]
    if (value) values.set(name, { value, from: 'the environment' })
    const variable = `${name}_FILE`
    const path = names.has(variable) ? undefined : env[variable]
    if (!path) continue
    const from = `${variable} ${path}`
    const held = readBounded(path)
    if (value) faults.push({ name, from: variable, problem: `both ${name} and ${variable} are set: keep one of them` })
    else if ('fault' in held) faults.push({ name, from, problem: held.fault })
    else if (held.text.trim() === '') faults.push({ name, from, problem: 'the file is empty' })
    else values.set(name, { value: held.text.replace(/[\r\n]+$/, ''), from })
  }
  return { values, faults }
}
