import type { Clock } from '../clock.ts'
import { fromConfigurationFile } from './configuration-file.ts'
import { askServer, fromAnswer, NoAnswerError, type ServerAddress } from './configuration-server.ts'
import { fromEnvironment } from './environment.ts'
import { type Given, inOrder, type Wanted } from './given.ts'
import { type KeptAnswer, keepAnswer, keptAnswer } from './kept-answer.ts'
import { ownSettings } from './own-settings.ts'
import { productionFaults } from './production.ts'

/** All that was given, by the first source that has it. */
export type Sources = Given & {
  /** What people should know of the sources although they answer. */
  readonly trouble?: string
  /** Once all of it is known to be good: keeps what the server said. Answers what it could not do. */
  keep(): string | undefined
}

/**
 * Reads the environment, files that it names, the configuration file and the configuration server, in this order. A
 * `patient` reader asks the server several times. Where it is away, what it last said is taken.
 */
export type ReadSources = (patient: boolean) => Promise<Sources>

export function createSourceReader(wanted: Wanted, env: NodeJS.ProcessEnv, clock: Clock): ReadSources {
  let last: KeptAnswer | undefined

  async function fromServer(address: ServerAddress, path: string | undefined, patient: boolean): Promise<Sources> {
    try {
      const answer = await askServer(address, clock, patient ? undefined : 1)
      const kept = { answer, askedAt: new Date(clock.nowMs()).toISOString() }
      last = kept
      return { ...fromAnswer(answer, address, wanted), keep: () => (path ? failureOf(path, address, kept) : undefined) }
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      const kept = last ?? (path === undefined ? { fault: 'it is not set' } : keptAnswer(path, address))
      const { message } = error
      if ('fault' in kept) {
        const problem = `${message}, and CONFIG_KEPT holds nothing of before: ${kept.fault}`
        return { values: new Map(), faults: [{ name: 'CONFIG_URL', from: address.url.origin, problem }], keep }
      }
      last = kept
      const trouble = `the configuration server cannot be read (${message}): what it said at ${kept.askedAt} holds`
      return { ...fromAnswer(kept.answer, address, wanted), trouble, keep }
    }
  }

  return async (patient) => {
    const environment = fromEnvironment(wanted, env)
    const raw = Object.fromEntries(Array.from(environment.values, ([name, { value }]) => [name, value]))
    const { CONFIG_FILE, CONFIG_URL, CONFIG_PROFILE: profile = 'default', CONFIG_KEPT, MICROPAY_MODE } = bootOf(raw)
    const file = fromConfigurationFile(CONFIG_FILE, wanted)
    const address = CONFIG_URL && { url: new URL(CONFIG_URL), service: wanted.service, profile }
    // Nobody is sent its password who may not be asked.
    const isToldLater = productionFaults(wanted.service, environment.values).some(({ name }) => name === 'CONFIG_URL')
    const server =
      address && !(MICROPAY_MODE === 'production' && isToldLater)
        ? await fromServer(address, CONFIG_KEPT, patient)
        : { ...inOrder([]), keep }
    return { ...server, ...inOrder([environment, file, server]) }
  }
}

const keep = () => undefined

/** Where the others are. What is wrong with it is said when all of it is checked. */
function bootOf(raw: Readonly<Record<string, string>>) {
  const read = ownSettings.partial().safeParse(raw)
  return read.data ?? {}
}

function failureOf(path: string, address: ServerAddress, kept: KeptAnswer): string | undefined {
  try {
    keepAnswer(path, address, kept)
    return undefined
  } catch (error) {
    return `CONFIG_KEPT ${path} cannot be written: ${error instanceof Error ? error.message : error}`
  }
}

/** Whether anything is read that may change while a process runs. */
export function mayChange({ names }: Wanted, env: NodeJS.ProcessEnv): boolean {
  return [...names].some((name) => (name === 'CONFIG_FILE' || name === 'CONFIG_URL' ? env[name] : env[`${name}_FILE`]))
}
