import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argumentsOf, type Mutation, mutated } from './mutation.ts'
import { makeScratch } from './scratch.ts'

export type TryOptions = {
  /** For tests that need services: TEST_POSTGRES_URL, TEST_KAFKA_BROKERS. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly atOnce: number
  readonly say: (line: string) => void
}

/** A test that hangs has found the bug; it may hang for as long as a slow machine takes for the whole of it. */
const MOST_MS = 120_000

/**
 * Plants each bug in a copy of the repository and runs its tests, of which one must fail with it and pass without it.
 * Answers what is wrong, a line each: a bug that no test found, one that can no longer be planted, a test that fails by
 * itself.
 */
export async function tryMutants(mutations: readonly Mutation[], options: TryOptions): Promise<string[]> {
  const wrong: string[] = []
  const waiting = mutations.values()
  const sound = new Map<string, Promise<boolean>>()
  await Promise.all(
    Array.from({ length: options.atOnce }, async () => {
      const scratch = await makeScratch()
      try {
        for (const mutation of waiting) {
          const fault = await tryOne(mutation, scratch.directory, sound, options)
          if (fault === undefined) continue
          options.say(fault)
          wrong.push(fault)
        }
      } finally {
        await scratch.remove()
      }
    }),
  )
  return wrong
}

async function tryOne(
  mutation: Mutation,
  directory: string,
  sound: Map<string, Promise<boolean>>,
  { environment, say }: TryOptions,
): Promise<string | undefined> {
  const { name, file, tests } = mutation
  const run = (test: string) => passes(argumentsOf(test).args, directory, environment)
  const source = await readFile(join(directory, file), 'utf8')
  const planted = mutated(source, mutation)
  if (planted === undefined) return `${name}: what it replaces does not stand once in ${file}`
  const failed = await whilePlanted(join(directory, file), planted, source, async () => {
    if (!(await passes(['--check', file], directory, environment))) return file
    for (const test of tests) if (!(await run(test))) return test
    return undefined
  })
  if (failed === undefined) return `${name}: SURVIVED ${tests.join(', ')}`
  if (failed === file) return `${name}: ${file} does not parse with it`
  if (!sound.has(failed)) sound.set(failed, run(failed))
  if (!(await sound.get(failed))) return `${name}: ${failed} fails without it, too`
  say(`${name}: found by ${failed}`)
  return undefined
}

async function whilePlanted<Answer>(
  path: string,
  planted: string,
  source: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  await writeFile(path, planted)
  try {
    return await work()
  } finally {
    await writeFile(path, source)
  }
}

/** Whether `node` with these arguments ends with 0 in time. */
function passes(args: readonly string[], cwd: string, environment: TryOptions['environment']): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...environment }
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'ignore', timeout: MOST_MS, killSignal: 'SIGKILL' })
  child.once('error', () => resolve(false))
  child.once('exit', (status) => resolve(status === 0))
  return promise
}
