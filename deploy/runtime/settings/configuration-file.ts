import { type Fault, type Given, inOrder, type Wanted } from './given.ts'
import { serviceNames, settingNames } from './names.ts'
import { fromProperties } from './properties.ts'
import { readBounded } from './read-bounded.ts'

/**
 * Settings of a file: a JSON object of names and values, for all services that are given the file, and in it an object
 * for each service that has some of its own, by its name, which count first.
 */
export function fromConfigurationFile(path: string | undefined, wanted: Wanted): Given {
  if (path === undefined) return inOrder([])
  const from = `CONFIG_FILE ${path}`
  const fault = (problem: string): Given => ({ values: new Map(), faults: [{ name: 'CONFIG_FILE', from, problem }] })
  const held = readBounded(path)
  if ('fault' in held) return fault(held.fault)
  const read = objectIn(held.text)
  if (!read) return fault('the file must be a JSON object, like { "LOG_LEVEL": "info" }')
  const shared: Record<string, unknown> = {}
  const faults: Fault[] = []
  for (const [name, value] of Object.entries(read)) {
    if (!isObject(value) || settingNames.includes(name)) shared[name] = value
    else if (!serviceNames.includes(name)) {
      faults.push({ name, from, problem: `there is no service of this name: there are ${serviceNames.join(', ')}` })
    }
  }
  const section = read[wanted.service]
  const own = isObject(section) ? fromProperties(section, wanted, `${from}, ${wanted.service}`) : inOrder([])
  return inOrder([own, fromProperties(shared, wanted, from), { values: new Map(), faults }])
}

/** What the parser says is not told: it may hold what stands in the file. */
function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return isObject(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
